import { LIMITS } from '../limits.ts';
import { FINE, refuse, type Verdict } from './refusals.ts';

/** The nonces seen for each recipientRand, until its params expire. */
export type NonceBook = Map<
  bigint,
  { readonly nonces: Set<number>; readonly expirationBlock: bigint }
>;

/** Remembers a nonce; refuses one that was seen, and the 601st of one recipientRand. */
export function noteNonce(
  book: NonceBook,
  input: {
    readonly recipientRand: bigint;
    readonly nonce: number;
    readonly expirationBlock: bigint;
  },
): Verdict {
  const known = book.get(input.recipientRand);
  const page = known ?? { nonces: new Set<number>(), expirationBlock: input.expirationBlock };
  if (page.nonces.has(input.nonce)) return refuse('nonce_seen');
  if (page.nonces.size >= LIMITS.noncesPerRandMax) return refuse('nonces_exhausted');
  page.nonces.add(input.nonce);
  if (known === undefined) book.set(input.recipientRand, page);
  return FINE;
}

/** Forgets the pages whose params have expired: no ticket of theirs is accepted any more. */
export function forgetExpired(book: NonceBook, lastSeenL1Block: bigint): void {
  for (const [rand, page] of book) {
    if (page.expirationBlock <= lastSeenL1Block) book.delete(rand);
  }
}
