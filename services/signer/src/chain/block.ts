import { z } from 'zod';

const quantity = z.string().regex(/^0x[0-9a-f]{1,16}$/i);

const blockSchema = z.object({
  hash: z.string().regex(/^0x[0-9a-f]{64}$/i),
  number: quantity,
  timestamp: z
    .string()
    .regex(/^0x[0-9a-f]{1,13}$/i)
    .optional(),
  /** Only on Arbitrum, whose contracts count in blocks of the chain below. */
  l1BlockNumber: quantity.optional(),
});

/** The block at which everything is read. */
export type Block = {
  readonly hash: string;
  readonly number: string;
  readonly l1Block: bigint;
  /** The block's own time, in seconds since 1970; every node tells it. */
  readonly timeSec: number | undefined;
};

/**
 * Parses the answer of `eth_getBlockByNumber`.
 *
 * @throws Error when it is no block.
 */
export function parseBlock(raw: unknown): Block {
  const parsed = blockSchema.safeParse(raw);
  if (!parsed.success) throw new Error('the node answered no block');
  const { hash, number, l1BlockNumber, timestamp } = parsed.data;
  const timeSec = timestamp === undefined ? undefined : Number(timestamp);
  return { hash, number, l1Block: BigInt(l1BlockNumber ?? number), timeSec };
}
