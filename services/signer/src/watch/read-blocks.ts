import type { BlockRef } from '@clearinghouse/shared';
import { type Block, parseBlock } from '../chain/block.ts';
import { type CallRpc, NoResult } from '../chain/call-rpc.ts';
import { quantityOf } from './quantity-of.ts';

/** A block as reads of contracts take it, and as billing knows it. */
export type SeenBlock = { readonly block: Block; readonly ref: BlockRef };

/** Reads a block by its number, or the latest. Absent: this node has none of that number. */
export async function readBlock(
  rpc: CallRpc,
  at: number | 'latest',
): Promise<SeenBlock | undefined> {
  const tag = at === 'latest' ? at : quantityOf(at);
  const raw = await rpc('eth_getBlockByNumber', [tag, false]).catch((error: unknown) => {
    if (error instanceof NoResult) return undefined;
    throw error;
  });
  if (raw === undefined) return undefined;
  const block = parseBlock(raw);
  const number = Number(block.number);
  if (at !== 'latest' && number !== at) throw new Error('the node answered another block');
  return { block, ref: { number, hash: block.hash.slice(2).toLowerCase() } };
}
