import { z } from 'zod';
import { type CapabilityPrices, DEFAULT_MODEL } from '../payments/capability-ceiling.ts';
import { parseRational } from '../payments/parse-rational.ts';
import type { Rational } from '../payments/rational.ts';

const ENTRIES_MAX = 1_000;
const CURRENCIES = new Set(['', 'wei']);

/** A number, or a text that holds one, as go-livepeer's list may have them. */
const amount = z.union([z.string(), z.number()]).transform((value, ctx): Rational => {
  const parsed = parseRational(String(value));
  if (parsed !== undefined) return parsed;
  ctx.addIssue({ code: 'custom', message: 'not a number' });
  return z.NEVER;
});

const listSchema = z.object({
  capabilities_prices: z
    .array(
      z.object({
        pipeline: z.string().min(1),
        model_id: z.string().default(DEFAULT_MODEL),
        price_per_unit: amount,
        pixels_per_unit: amount.optional(),
        currency: z.string().default(''),
      }),
    )
    .max(ENTRIES_MAX),
});

/**
 * go-livepeer's `-maxPricePerCapability`, as it is: JSON with `capabilities_prices`, a list of
 * `pipeline`, `model_id` (all models when absent), `price_per_unit` and `pixels_per_unit`, in wei.
 */
const capabilityPrices = z.string().transform((text, ctx): CapabilityPrices => {
  const prices = readPrices(text);
  if (typeof prices !== 'string') return prices;
  ctx.addIssue({ code: 'custom', message: prices });
  return z.NEVER;
});

/** Variables of the price ceilings beside the general one. */
export const ceilingsShape = {
  MAX_PRICE_PER_CAPABILITY: capabilityPrices.optional(),
};

function readPrices(text: string): CapabilityPrices | string {
  const parsed = listSchema.safeParse(parseJson(text));
  if (!parsed.success) return 'not JSON with a list capabilities_prices of prices';
  const prices = new Map<string, Rational>();
  for (const entry of parsed.data.capabilities_prices) {
    const pixels = entry.pixels_per_unit ?? { num: 1n, den: 1n };
    const price = entry.price_per_unit;
    const name = `${entry.pipeline}/${entry.model_id || DEFAULT_MODEL}`;
    if (price.num < 0n) return `${name}: a price below zero`;
    if (pixels.num <= 0n) return `${name}: pixels_per_unit must be above zero`;
    if (!CURRENCIES.has(entry.currency.toLowerCase())) return `${name}: the currency must be wei`;
    prices.set(name, { num: price.num * pixels.den, den: price.den * pixels.num });
  }
  return prices;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
