import {
  type Address,
  type BlockRef,
  CHAIN_LIMITS,
  type ChainReply,
  type Transaction,
} from '@clearinghouse/shared';

/** A chain as the books have it, its row locked. */
export type ChainBook = {
  readonly chain: string;
  readonly opened: BlockRef;
  readonly cursor: BlockRef;
  readonly senders: readonly ChainSender[];
  /** The database's clock. */
  readonly nowMs: number;
};

/** An account of ours on it. */
export type ChainSender = {
  readonly sender: Address;
  readonly adoptedAtRound: bigint;
  readonly bookedDepositWei: bigint;
  readonly bookedReserveWei: bigint;
};

type ChainRow = {
  opened_number: bigint;
  opened_hash: Buffer;
  cursor_number: bigint;
  cursor_hash: Buffer;
  now_ms: bigint;
};
type SenderRow = {
  sender: Buffer;
  adopted_at_round: string;
  booked_deposit_wei: string;
  booked_reserve_wei: string;
};

/** Locks a chain and reads it: whoever writes of it comes through here. Absent: never opened. */
export async function lockChain(tx: Transaction, chain: string): Promise<ChainBook | undefined> {
  const [row] = await tx<ChainRow[]>`
    select opened_number, opened_hash, cursor_number, cursor_hash,
      (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms
    from billing.chains where chain = ${chain} for update`;
  if (!row) return undefined;
  const senders = await tx<SenderRow[]>`
    select sender, adopted_at_round, booked_deposit_wei, booked_reserve_wei
    from billing.chain_senders where chain = ${chain} order by sender`;
  return {
    chain,
    opened: blockOf(row.opened_number, row.opened_hash),
    cursor: blockOf(row.cursor_number, row.cursor_hash),
    nowMs: Number(row.now_ms),
    senders: senders.map((one) => ({
      sender: toAddress(one.sender),
      adoptedAtRound: BigInt(one.adopted_at_round),
      bookedDepositWei: BigInt(one.booked_deposit_wei),
      bookedReserveWei: BigInt(one.booked_reserve_wei),
    })),
  };
}

/** What a signer is told: where the books stand, and where it may go back to. */
export async function readReply(
  tx: Transaction,
  chain: string,
  accepted: boolean,
): Promise<ChainReply> {
  const book = await lockChain(tx, chain);
  if (!book) return { accepted, cursor: null, checkpoints: [], senders: [] };
  const rows = await tx<{ number: bigint; hash: Buffer }[]>`
    select number, hash from billing.chain_blocks
    where chain = ${chain} and number <= ${book.cursor.number}
    order by number desc limit ${CHAIN_LIMITS.checkpointsMax - 1}`;
  const checkpoints = rows.map(({ number, hash }) => blockOf(number, hash));
  return {
    accepted,
    cursor: book.cursor,
    checkpoints: [...checkpoints, book.opened],
    senders: book.senders.map(({ sender }) => sender),
  };
}

/** Moves the cursor on, keeps the block as one to go back to, and forgets the oldest of them. */
export async function moveCursor(tx: Transaction, book: ChainBook, to: BlockRef): Promise<void> {
  const hash = Buffer.from(to.hash, 'hex');
  await tx`
    insert into billing.chain_blocks (chain, number, hash)
    values (${book.chain}, ${to.number}, ${hash})`;
  await tx`
    delete from billing.chain_blocks where chain = ${book.chain} and number <= (
      select number from billing.chain_blocks where chain = ${book.chain}
      order by number desc offset ${CHAIN_LIMITS.checkpointsMax - 1} limit 1)`;
  await tx`
    update billing.chains set cursor_number = ${to.number}, cursor_hash = ${hash},
      updated_at = clock_timestamp()
    where chain = ${book.chain}`;
}

/** The same block of the same chain? */
export function isSameBlock(one: BlockRef | null, other: BlockRef | null): boolean {
  return one?.number === other?.number && one?.hash === other?.hash;
}

/** 20 bytes as an address. */
export function toAddress(bytes: Buffer): Address {
  return `0x${bytes.toString('hex')}` as Address;
}

function blockOf(number: bigint, hash: Buffer): BlockRef {
  return { number: Number(number), hash: hash.toString('hex') };
}
