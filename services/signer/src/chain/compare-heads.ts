import { z } from 'zod';
import { CHAIN_LIMITS } from '../limits.ts';
import type { CallRpc } from './call-rpc.ts';
import type { Nodes } from './fail-over.ts';

const headSchema = z.object({ timestamp: z.string().regex(/^0x[0-9a-f]{1,13}$/i) });

/**
 * Leaves the node in use when another has a much younger block: it answers, and it stands still.
 * Their blocks' own times are compared, since chains differ in how many blocks a minute has.
 */
export async function compareHeads(nodes: Nodes): Promise<void> {
  if (nodes.each.length === 1) return;
  const heads = await Promise.all(nodes.each.map(readHeadSec));
  const own = heads[nodes.current()];
  const others = heads.filter((head) => head !== undefined);
  if (own === undefined || others.length < 2) return;
  const behindSec = Math.max(...others) - own;
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
