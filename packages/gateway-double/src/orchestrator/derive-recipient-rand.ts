import { createHmac } from 'node:crypto';
import { fitLeft, fromBigEndian, toMinimalBytes } from '../amounts/big-bytes.ts';
import type { Rational } from '../amounts/rational.ts';

/**
 * The secret number behind a ticket's recipientRandHash: HMAC-SHA-256 over everything that the
 * orchestrator promised, so that changed terms, the price among them, give another number.
 */
export function deriveRecipientRand(input: {
  readonly secret: Uint8Array;
  readonly seed: bigint;
  readonly sender: Uint8Array;
  readonly faceValue: bigint;
  readonly winProb: bigint;
  readonly expirationBlock: bigint;
  readonly price: Rational;
  readonly auxData: Uint8Array;
}): bigint {
  const digest = createHmac('sha256', input.secret)
    .update(toMinimalBytes(input.seed))
    .update(fitLeft(input.sender, 20))
    .update(toMinimalBytes(input.faceValue))
    .update(toMinimalBytes(input.winProb))
    .update(toMinimalBytes(input.expirationBlock))
    .update(toMinimalBytes(input.price.num))
    .update(toMinimalBytes(input.price.den))
    .update(input.auxData)
    .digest();
  return fromBigEndian(digest);
}
