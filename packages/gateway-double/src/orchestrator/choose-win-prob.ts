import { WIN_PROB_MAX } from '../tickets/ticket.ts';

const LOW_64_BITS = (1n << 64n) - 1n;

/**
 * The winning probability that gives a ticket of `faceValueWei` an expected value of `evWei`,
 * as go-livepeer computes it: EV x (maxWinProb / faceValue, rounded up when the low 64 bits of
 * the remainder are not zero).
 *
 * @throws RangeError when the expected value is not between 1 and the face value.
 */
export function chooseWinProb(input: {
  readonly faceValueWei: bigint;
  readonly evWei: bigint;
}): bigint {
  if (input.evWei <= 0n || input.evWei > input.faceValueWei) {
    throw new RangeError('a ticket is worth more than nothing and at most its face value');
  }
  if (input.evWei === input.faceValueWei) return WIN_PROB_MAX;
  const quotient = WIN_PROB_MAX / input.faceValueWei;
  const remainder = WIN_PROB_MAX % input.faceValueWei;
  return input.evWei * ((remainder & LOW_64_BITS) === 0n ? quotient : quotient + 1n);
}
