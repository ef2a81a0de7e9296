import { z } from 'zod';
import { DEFAULT_MODEL } from '../payments/capability-ceiling.ts';
import { parseRational } from '../payments/parse-rational.ts';
import type { Rational } from '../payments/rational.ts';
import type { Ceiling } from '../prices/ceiling.ts';
import { JsonNumber, parseExactJson } from '../wire/exact-json.ts';

const ENTRIES_MAX = 1_000;
const CURRENCIES = new Set(['', 'wei', 'usd']);
/** go-livepeer's `<price><currency>`: 1.5, 1500wei, 0.50USD. */
const PRICE_OF_UNIT = /^(.*?)(wei|usd)?$/i;

/** What must not pass through a float. */
const EXACT = new Set(['price_per_unit', 'pixels_per_unit']);

/** A number, or a text that holds one, as go-livepeer's list may have them. */
const amount = z.union([z.string(), z.instanceof(JsonNumber)]).transform((value, ctx): Rational => {
  const parsed = parseRational(typeof value === 'string' ? value : value.text);
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
 * `pipeline`, `model_id` (all models when absent), `price_per_unit`, `pixels_per_unit` and `currency`.
 */
const capabilityPrices = z.string().transform((text, ctx): ReadonlyMap<string, Ceiling> => {
  const prices = readPrices(text);
  if (typeof prices !== 'string') return prices;
  ctx.addIssue({ code: 'custom', message: prices });
  return z.NEVER;
});

/** A price of `PIXELS_PER_UNIT` pixels; 0 is no limit. */
const priceOfUnit = z.string().transform((text, ctx): Ceiling => {
  const [, number = '', currency = 'wei'] = PRICE_OF_UNIT.exec(text.trim()) ?? [];
  const price = parseRational(number.trim());
  if (price !== undefined && price.num >= 0n) return ceilingOf(price, currency);
  ctx.addIssue({ code: 'custom', message: 'not a number of at least 0, of wei or USD' });
  return z.NEVER;
});

/** Variables of the price ceilings. */
export const ceilingsShape = {
  MAX_PRICE_PER_UNIT: priceOfUnit.default({ num: 0n, den: 1n }),
  MAX_PRICE_PER_CAPABILITY: capabilityPrices.optional(),
};

function ceilingOf({ num, den }: Rational, currency: string): Ceiling {
  return currency.toLowerCase() === 'usd' ? { num, den, currency: 'usd' } : { num, den };
}

function readPrices(text: string): ReadonlyMap<string, Ceiling> | string {
  const parsed = listSchema.safeParse(parseExactJson(text, EXACT));
  if (!parsed.success) return 'not JSON with a list capabilities_prices of prices';
  const prices = new Map<string, Ceiling>();
  for (const entry of parsed.data.capabilities_prices) {
    const pixels = entry.pixels_per_unit ?? { num: 1n, den: 1n };
    const price = entry.price_per_unit;
    const name = `${entry.pipeline}/${entry.model_id || DEFAULT_MODEL}`;
    if (price.num < 0n) return `${name}: a price below zero`;
    if (pixels.num <= 0n) return `${name}: pixels_per_unit must be above zero`;
    if (!CURRENCIES.has(entry.currency.toLowerCase()))
      return `${name}: the currency must be wei or USD`;
    const perPixel = { num: price.num * pixels.den, den: price.den * pixels.num };
    prices.set(name, ceilingOf(perPixel, entry.currency));
  }
  return prices;
}
