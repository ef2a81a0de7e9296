import { z } from 'zod';
import { CHAIN_LIMITS } from '../limits.ts';
import type { CallRpc } from './call-rpc.ts';
import type { Nodes } from './fail-over.ts';

const headSchema = z.object({ timestamp: z.string().regex(/^0x[0-9a-f]{1,13}$/i) });

/**
 * Leaves the node in use when another has a much younger block: it answers, and it stands still.
 * Their blocks' own times are compared, since chains differ in how many blocks a minute has.
 * A block of the future makes nobody leave: a node could name any.
 */
export async function compareHeads(nodes: Nodes, nowSec: number): Promise<void> {
  if (nodes.each.length === 1) return;
  const heads = await Promise.all(nodes.each.map(readHeadSec));
  const own = heads[nodes.current()];
  const latestSec = nowSec + CHAIN_LIMITS.aheadMaxSec;
  const believed = heads.filter((head) => head !== undefined && head <= latestSec) as number[];
  if (own === undefined || believed.length === 0) return;
  const behindSec = Math.max(...believed) - own;
  if (behindSec > CHAIN_LIMITS.behindMaxSec) nodes.distrust(`${behindSec} s behind another node`);
}

/** The time of a node's newest block; absent when it does not answer, which calls find out. */
async function readHeadSec(rpc: CallRpc): Promise<number | undefined> {
  try {
    return Number(headSchema.parse(await rpc('eth_getBlockByNumber', ['latest', false])).timestamp);
  } catch {
    return undefined;
  }
}
