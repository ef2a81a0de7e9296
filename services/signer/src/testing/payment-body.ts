import { randomBytes } from 'node:crypto';
import { type InfoParts, makeInfo } from '../payments/fixtures/make-request.ts';

export type StateField = { readonly State: string; readonly Sig: string };

/** The answer of `/generate-live-payment`, whatever it was. */
export type PaymentAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: {
    readonly payment?: string;
    readonly segCreds?: string;
    readonly state?: StateField;
    readonly error?: { readonly message: string; readonly code: string };
  };
};

export type BodyChange = {
  readonly info?: Partial<InfoParts>;
  readonly state?: StateField | undefined;
  readonly fields?: Readonly<Record<string, unknown>>;
};

/** An OrchestratorInfo of a session that has just begun. */
export function freshInfo(change: Partial<InfoParts> = {}): string {
  const tokenExpirationSec = BigInt(Math.floor(Date.now() / 1000) + 1800);
  const info = makeInfo({ tokenExpirationSec, randHash: randomBytes(32), ...change });
  return Buffer.from(info).toString('base64');
}

/** A request body as a go gateway sends it; each call is another session unless told. */
export function paymentBody(change: BodyChange = {}): string {
  return JSON.stringify({
    state: change.state ?? { State: null, Sig: null },
    orchestrator: freshInfo(change.info),
    ManifestID: 'manifest1',
    inPixels: 0,
    type: 'lv2v',
    capabilities: null,
    ...change.fields,
  });
}

/** Posts a payment request. */
export async function postPayment(
  url: string,
  credential: string | undefined,
  body: string | ReadableStream,
  headers: Readonly<Record<string, string>> = {},
): Promise<PaymentAnswer> {
  const response = await fetch(`${url}/generate-live-payment`, {
    method: 'POST',
    headers: { ...(credential ? { Authorization: `Bearer ${credential}` } : {}), ...headers },
    body,
    ...(typeof body === 'string' ? {} : { duplex: 'half' }),
  } as RequestInit);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
}
