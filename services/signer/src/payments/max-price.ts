import type { MaxPriceField } from '../wire/payment-request.ts';
import { parseRational } from './parse-rational.ts';
import type { Rational } from './rational.ts';

export type MaxPrice =
  | { readonly ok: true; readonly priceWei: Rational }
  | { readonly ok: false; readonly code: 'invalid_max_price'; readonly message: string };

const UNITS: ReadonlyMap<string, string> = new Map([
  ['live', 'seconds'],
  ['lv2v', '720p-pixel-seconds'],
  ['fixed', 'fixed'],
]);

/**
 * The ceiling that a request sets: wei for the unit of its job type. Checked in go-livepeer's
 * order: price, currency, type, unit; refuses with `invalid_max_price`.
 */
export function readMaxPrice(field: MaxPriceField, type: string): MaxPrice {
  const priceWei = parseRational(field.price.trim());
  if (priceWei === undefined || priceWei.num <= 0n) {
    return invalid('maxPrice.price must be a positive decimal');
  }
  if (field.currency.trim().toLowerCase() !== 'wei') {
    return invalid('maxPrice.currency must be wei');
  }
  const unit = UNITS.get(type);
  if (unit === undefined) return invalid('maxPrice requires payment type live, lv2v, or fixed');
  if (field.unit !== unit) {
    return invalid(`maxPrice.unit must be ${unit} for payment type ${type}`);
  }
  return { ok: true, priceWei };
}

function invalid(message: string): MaxPrice {
  return { ok: false, code: 'invalid_max_price', message };
}
