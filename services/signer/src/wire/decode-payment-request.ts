import type { Refusal } from '@clearinghouse/shared';
import { SIGNER_LIMITS } from '../limits.ts';
import { type GoJson, parseGoJson } from './parse-go-json.ts';
import type { PaymentRequest } from './payment-request.ts';
import {
  FieldMismatch,
  foldKey,
  readBytes,
  readInteger,
  readMaxPrice,
  readObject,
  readString,
} from './read-go-field.ts';

type Draft = { -readonly [K in keyof PaymentRequest]: PaymentRequest[K] };

export type DecodedRequest =
  | { readonly ok: true; readonly request: PaymentRequest }
  | Refusal<'invalid_json' | 'body_too_large'>;

const NO_BYTES = new Uint8Array(0);

/**
 * Decodes a body of `/generate-live-payment` as go-livepeer does: keys in any case, the last
 * duplicate wins (objects merge), unknown keys and text behind the first value are ignored,
 * null means absent. `inPixels` keeps all 64 bits.
 *
 * Refuses with `invalid_json` (malformed, or a field of the wrong type) and `body_too_large`.
 */
export function decodePaymentRequest(body: Uint8Array): DecodedRequest {
  if (body.length > SIGNER_LIMITS.bodyBytesMax) return { ok: false, code: 'body_too_large' };
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const document = parseGoJson(text);
  if (document === undefined) return { ok: false, code: 'invalid_json', detail: 'malformed' };
  try {
    return { ok: true, request: readRequest(document) };
  } catch (fault) {
    if (!(fault instanceof FieldMismatch)) throw fault;
    return { ok: false, code: 'invalid_json', detail: 'a field has the wrong type' };
  }
}

function readRequest(document: GoJson): PaymentRequest {
  const draft: Draft = {
    stateBytes: NO_BYTES,
    stateSig: NO_BYTES,
    orchestrator: NO_BYTES,
    manifestId: '',
    app: '',
    inPixels: 0n,
    type: '',
    maxPrice: undefined,
    capabilities: NO_BYTES,
  };
  if (document === null) return draft;
  for (const [key, value] of readObject(document)) assign(draft, foldKey(key), value);
  return draft;
}

function assign(draft: Draft, key: string, value: GoJson): void {
  switch (key) {
    case 'state':
      assignState(draft, value);
      return;
    case 'orchestrator':
      draft.orchestrator = readBytes(value);
      return;
    case 'manifestid':
      draft.manifestId = readString(value, draft.manifestId);
      return;
    case 'app':
      draft.app = readString(value, draft.app);
      return;
    case 'inpixels':
      draft.inPixels = readInteger(value, draft.inPixels);
      return;
    case 'type':
      draft.type = readString(value, draft.type);
      return;
    case 'maxprice':
      draft.maxPrice = readMaxPrice(value, draft.maxPrice);
      return;
    case 'capabilities':
      draft.capabilities = readBytes(value);
      return;
    default:
      return;
  }
}

function assignState(draft: Draft, value: GoJson): void {
  if (value === null) return;
  for (const [key, field] of readObject(value)) {
    const folded = foldKey(key);
    if (folded === 'state') draft.stateBytes = readBytes(field);
    if (folded === 'sig') draft.stateSig = readBytes(field);
  }
}
