import type { GoJson, GoNumber, GoObject } from './parse-go-json.ts';
import type { MaxPriceField } from './payment-request.ts';

/** A JSON value whose type does not fit its Go field: go-livepeer refuses the whole document. */
export class FieldMismatch extends Error {}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INTEGER = /^-?[0-9]+$/;
const INT64_MIN = -(1n << 63n);
const INT64_MAX = (1n << 63n) - 1n;

/** Whether two keys are the same field to Go, which folds case as Unicode does for ASCII. */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('ſ', 's');
}

/** A Go string; null leaves what was there. */
export function readString(value: GoJson, before: string): string {
  if (value === null) return before;
  if (typeof value !== 'string') throw new FieldMismatch();
  return value;
}

/** An integer between two bounds (int64 by default), exactly; null leaves what was there. */
export function readInteger(
  value: GoJson,
  before: bigint,
  min: bigint = INT64_MIN,
  max: bigint = INT64_MAX,
): bigint {
  if (value === null) return before;
  if (!isNumber(value) || !INTEGER.test(value.text) || value.text.length > 20) {
    throw new FieldMismatch();
  }
  const integer = BigInt(value.text);
  if (integer < min || integer > max) throw new FieldMismatch();
  return integer;
}

/** Go's `json.Number`: a number, or a string that holds one; null leaves what was there. */
export function readNumberText(value: GoJson, before: string): string {
  if (value === null) return before;
  if (isNumber(value)) return value.text;
  if (typeof value !== 'string' || !NUMBER.test(value)) throw new FieldMismatch();
  return value;
}

/**
 * A Go `[]byte`: padded standard base64 in which line ends are ignored, or an array of byte
 * values; null empties it.
 */
export function readBytes(value: GoJson): Uint8Array {
  if (value === null) return new Uint8Array(0);
  if (typeof value === 'string') return fromBase64(value);
  if (!Array.isArray(value)) throw new FieldMismatch();
  return Uint8Array.from(value, (item: GoJson) => Number(readInteger(item, 0n, 0n, 255n)));
}

/** The ceiling on a price, in a request or in a webhook's answer; null takes it away. */
export function readMaxPrice(
  value: GoJson,
  before: MaxPriceField | undefined,
): MaxPriceField | undefined {
  if (value === null) return undefined;
  const draft = { ...(before ?? { price: '', currency: '', unit: '' }) };
  for (const [key, field] of readObject(value)) {
    const folded = foldKey(key);
    if (folded === 'price') draft.price = readNumberText(field, draft.price);
    if (folded === 'currency') draft.currency = readString(field, draft.currency);
    if (folded === 'unit') draft.unit = readString(field, draft.unit);
  }
  return draft;
}

/** The members of a JSON object. */
export function readObject(value: GoJson): GoObject['members'] {
  if (isObject(value)) return value.members;
  throw new FieldMismatch();
}

/**
 * Strict standard base64. The decoder skips what is no base64 and takes the URL-safe alphabet too:
 * so the text is good when it has none of that alphabet's letters and nothing was skipped. A
 * regular expression over the whole text costs ten times as much.
 */
function fromBase64(text: string): Uint8Array {
  const dense = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  const bytes = Buffer.from(dense, 'base64');
  const padding = dense.endsWith('==') ? 2 : dense.endsWith('=') ? 1 : 0;
  const isWhole = dense.length % 4 === 0 && bytes.length === (dense.length / 4) * 3 - padding;
  if (!isWhole || dense.includes('-') || dense.includes('_')) throw new FieldMismatch();
  return bytes;
}

function isNumber(value: GoJson): value is GoNumber {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'number';
}

function isObject(value: GoJson): value is GoObject {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}
