import { z } from 'zod';

const quantity = z.string().regex(/^0x[0-9a-f]{1,16}$/i);

const blockSchema = z.object({
  hash: z.string().regex(/^0x[0-9a-f]{64}$/i),
  number: quantity,
  /** Only on Arbitrum, whose contracts count in blocks of the chain below. */
  l1BlockNumber: quantity.optional(),
});

/** The block at which everything is read. */
export type Block = { readonly hash: string; readonly number: string; readonly l1Block: bigint };

/**
 * Parses the answer of `eth_getBlockByNumber`.
 *
 * @throws Error when it is no block.
 */
export function parseBlock(raw: unknown): Block {
  const parsed = blockSchema.safeParse(raw);
  if (!parsed.success) throw new Error('the node answered no block');
  const { hash, number, l1BlockNumber } = parsed.data;
  return { hash, number, l1Block: BigInt(l1BlockNumber ?? number) };
}
