import { type GoJson, parseGoJson } from '../wire/parse-go-json.ts';
import type { MaxPriceField } from '../wire/payment-request.ts';
import {
  FieldMismatch,
  foldKey,
  readInteger,
  readMaxPrice,
  readObject,
  readString,
} from '../wire/read-go-field.ts';

/** What the operator's webhook said. */
export type Verdict = {
  /** As an HTTP status: 200 lets the payment go on. */
  readonly status: number;
  readonly reason: string;
  /** Unix seconds until which it need not be asked again; 0 for every time. */
  readonly expirySec: bigint;
  readonly authId: string;
  readonly maxPrice: MaxPriceField | undefined;
};

type Draft = { -readonly [K in keyof Verdict]: Verdict[K] };

/**
 * Reads the webhook's JSON as go-livepeer does: keys in any case, unknown ones ignored.
 *
 * @returns nothing for anything but an object with a `status` above 0.
 */
export function readVerdict(text: string): Verdict | undefined {
  const document = parseGoJson(text);
  if (document === undefined || document === null) return undefined;
  try {
    const verdict = readFields(document);
    return verdict.status > 0 ? verdict : undefined;
  } catch (fault) {
    if (fault instanceof FieldMismatch) return undefined;
    throw fault;
  }
}

function readFields(document: GoJson): Verdict {
  const draft: Draft = { status: 0, reason: '', expirySec: 0n, authId: '', maxPrice: undefined };
  for (const [key, value] of readObject(document)) {
    switch (foldKey(key)) {
      case 'status':
        draft.status = Number(readInteger(value, BigInt(draft.status)));
        break;
      case 'reason':
        draft.reason = readString(value, draft.reason);
        break;
      case 'expiry':
        draft.expirySec = readInteger(value, draft.expirySec);
        break;
      case 'auth_id':
        draft.authId = readString(value, draft.authId);
        break;
      case 'maxprice':
        draft.maxPrice = readMaxPrice(value, draft.maxPrice);
        break;
    }
  }
  return draft;
}
