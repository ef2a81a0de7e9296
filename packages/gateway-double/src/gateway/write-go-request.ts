import type { SignedState } from './signed-state.ts';

/** A ceiling on the orchestrator's price, in wei for one unit of the job's type. */
export type MaxPrice = {
  /** A decimal number, as text. */
  readonly price: string;
  readonly currency: string;
  readonly unit: string;
};

/** What a gateway asks the signer for. */
export type PaymentRequest = {
  readonly state: SignedState | undefined;
  /** An encoded `net.OrchestratorInfo`. */
  readonly orchestrator: Uint8Array;
  /** Empty on a go gateway's first call. */
  readonly manifestId: string;
  readonly type: JobType;
  readonly app?: string;
  readonly maxPrice?: MaxPrice;
  /** An encoded `net.Capabilities`. */
  readonly capabilities?: Uint8Array;
};

/** go-livepeer's job types; empty means pixels counted by the caller. */
export type JobType = 'lv2v' | 'live' | 'fixed';

/**
 * The request's body, byte for byte as Go's json.Marshal writes RemotePaymentRequest: fields in
 * the struct's order, an absent state as two nulls, `app` and `maxPrice` left out when empty.
 */
export function writeGoRequest(request: PaymentRequest): string {
  const members = [
    ['state', writeState(request.state)],
    ['orchestrator', writeBytes(request.orchestrator)],
    ['ManifestID', writeText(request.manifestId)],
    ...(request.app ? [['app', writeText(request.app)]] : []),
    ['inPixels', '0'],
    ['type', writeText(request.type)],
    ...(request.maxPrice ? [['maxPrice', writeMaxPrice(request.maxPrice)]] : []),
    ['capabilities', writeBytes(request.capabilities)],
  ];
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

function writeState(state: SignedState | undefined): string {
  return `{"State":${quoteOrNull(state?.State)},"Sig":${quoteOrNull(state?.Sig)}}`;
}

function writeMaxPrice(max: MaxPrice): string {
  const { price, currency, unit } = max;
  return `{"price":${price},"currency":${writeText(currency)},"unit":${writeText(unit)}}`;
}

function writeBytes(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'null' : `"${Buffer.from(bytes).toString('base64')}"`;
}

function quoteOrNull(base64: string | undefined): string {
  return base64 === undefined ? 'null' : `"${base64}"`;
}

/** Go escapes what could end a script element, and the two separators JavaScript once minded. */
function writeText(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
