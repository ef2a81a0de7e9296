import { z } from 'zod';
import { parseRational } from '../payments/parse-rational.ts';
import type { Rational } from '../payments/rational.ts';

const DURATION_MS_MAX = 86_400_000;

/** Milliseconds, up to a day. */
export function durationMs(leastMs: number) {
  return z.coerce.number().int().min(leastMs).max(DURATION_MS_MAX);
}

/** A whole number above zero. */
export const aboveZero = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, 'not a whole number above 0')
  .transform(BigInt);

/** An exact number of at least zero, as go-livepeer reads one. */
export const fraction = z.string().transform((text, ctx): Rational => {
  const parsed = parseRational(text);
  if (parsed !== undefined && parsed.num >= 0n) return parsed;
  ctx.addIssue({ code: 'custom', message: 'not a number of at least 0' });
  return z.NEVER;
});
