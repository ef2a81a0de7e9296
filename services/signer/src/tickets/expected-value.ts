import { PROTOCOL } from '../limits.ts';
import type { Rational } from '../payments/rational.ts';

/** What a ticket is worth on average, in wei: faceValue x winProb / (2^256 - 1). */
export function expectedValue(ticket: {
  readonly faceValueWei: bigint;
  readonly winProb: bigint;
}): Rational {
  return { num: ticket.faceValueWei * ticket.winProb, den: PROTOCOL.maxWinProb };
}
