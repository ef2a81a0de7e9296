import { z } from 'zod';
import { parseAddress } from '../hex.ts';
import { parseMicroUsd } from '../money/micro-usd.ts';
import { parseWei } from '../money/wei.ts';

/** Bounds of everything that crosses the queue, each with its name. */
export const CONTRACT_LIMITS = {
  idCharsMax: 128,
  urlCharsMax: 1024,
  externalUserIdCharsMax: 256,
  modelCharsMax: 256,
  balanceCharsMax: 512,
  batchItemsMax: 500,
  ticketsMax: 100,
} as const;

const HEX_32 = /^[0-9a-f]{64}$/;
const INT64 = /^-?(0|[1-9][0-9]{0,18})$/;
const UNSIGNED = /^(0|[1-9][0-9]{0,37})$/;

/** wei as a canonical decimal string, parsed to the branded bigint. */
export const weiField = z.string().transform((text, ctx) => {
  const value = parseWei(text);
  if (value !== undefined) return value;
  ctx.addIssue({ code: 'custom', message: 'not a canonical amount of wei' });
  return z.NEVER;
});

/** micro-USD as a canonical decimal string, parsed to the branded bigint. */
export const microUsdField = z.string().transform((text, ctx) => {
  const value = parseMicroUsd(text);
  if (value !== undefined) return value;
  ctx.addIssue({ code: 'custom', message: 'not a canonical amount of micro-USD' });
  return z.NEVER;
});

/** 32 bytes as 64 lower-case hex digits, no `0x`. */
export const hash32Field = z.string().regex(HEX_32);

/** A signed 64-bit integer as decimal text. */
export const int64Field = z.string().regex(INT64);

/** A non-negative integer of at most 38 digits as decimal text, parsed to bigint. */
export const countField = z.string().regex(UNSIGNED).transform(BigInt);

/** An Ethereum address, lower-cased. */
export const addressField = z.string().transform((text, ctx) => {
  const value = parseAddress(text);
  if (value !== undefined) return value;
  ctx.addIssue({ code: 'custom', message: 'not an address' });
  return z.NEVER;
});

/** An opaque id: printable ASCII without spaces. */
export const idField = z
  .string()
  .min(1)
  .max(CONTRACT_LIMITS.idCharsMax)
  .regex(/^[\x21-\x7e]+$/);

/** A position in a sequence: a non-negative safe integer (no money). */
export const positionField = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Text from outside without control characters. */
export function textField(charsMax: number) {
  return z
    .string()
    .max(charsMax)
    .refine((text) => !hasControl(text), 'control characters are not allowed');
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

const TRACE_CHARS_MAX = 64;

/**
 * Where the items of a message stand in their traces, one `traceparent` each, empty for none; or
 * one for the whole message. It decides nothing: whatever is wrong with it, it is left out, and a
 * service that does not know it yet leaves it out too.
 */
export const tracesField = z
  .array(z.string().max(TRACE_CHARS_MAX))
  .max(CONTRACT_LIMITS.batchItemsMax)
  .optional()
  .catch(undefined);
