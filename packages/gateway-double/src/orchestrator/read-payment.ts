import { decodePayment } from '../wire/convert-payment.ts';
import { decodeSegData } from '../wire/convert-seg-data.ts';
import type { Payment, SegData } from '../wire/messages.ts';
import type { RefusalReason } from './refusals.ts';

/** The two headers of a payment, base64 as they stand. */
export type PaymentHeaders = { readonly payment: string; readonly segment: string };

/** Both messages of a payment, or which of them cannot be read. */
export type ReadPayment =
  | { readonly ok: true; readonly payment: Payment; readonly segment: SegData }
  | { readonly ok: false; readonly reason: RefusalReason };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Decodes `Livepeer-Payment` and `Livepeer-Segment`. */
export function readPayment(headers: PaymentHeaders): ReadPayment {
  const payment = decodeHeader(headers.payment, decodePayment);
  if (payment === undefined) return { ok: false, reason: 'payment_malformed' };
  const segment = decodeHeader(headers.segment, decodeSegData);
  if (segment === undefined) return { ok: false, reason: 'segment_malformed' };
  return { ok: true, payment, segment };
}

function decodeHeader<T>(text: string, decode: (bytes: Uint8Array) => T): T | undefined {
  if (!BASE64.test(text)) return undefined;
  try {
    return decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}
