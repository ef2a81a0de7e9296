import type { Rational } from './rational.ts';

/**
 * The fee in wei: pricePerUnit / pixelsPerUnit x units, exactly. The price is the session's
 * initial one. `pixelsPerUnit` must be positive.
 */
export function feeOf(input: {
  readonly pricePerUnit: bigint;
  readonly pixelsPerUnit: bigint;
  readonly units: bigint;
}): Rational {
  return { num: input.pricePerUnit * input.units, den: input.pixelsPerUnit };
}
