/**
 * An exact fraction. `den` is always positive; the fraction is not always in lowest terms,
 * so compare with the functions of this folder, never field by field.
 */
export type Rational = { readonly num: bigint; readonly den: bigint };

/** Zero. */
export const ZERO: Rational = { num: 0n, den: 1n };
