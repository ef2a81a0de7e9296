/** How a request authenticates. */
export type Credential =
  | { readonly kind: 'basic'; readonly id: string; readonly secret: string }
  | { readonly kind: 'bearer'; readonly token: string };

export type ApiCall = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly credential: Credential;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
};

const TIMEOUT_MS = 15_000;

/**
 * Calls a JSON API.
 *
 * @throws Error with method, path, status and the body's error when the answer is not 2xx.
 */
export async function callApi(call: ApiCall): Promise<Record<string, unknown>> {
  const response = await fetch(call.url, {
    method: call.method,
    headers: {
      Accept: 'application/json',
      Authorization: authorizationOf(call.credential),
      ...(call.json === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...bodyOf(call),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Record<string, unknown>;
  const { pathname } = new URL(call.url);
  throw new Error(`${call.method} ${pathname} answered ${response.status}: ${text.slice(0, 300)}`);
}

function authorizationOf(credential: Credential): string {
  if (credential.kind === 'bearer') return `Bearer ${credential.token}`;
  const pair = Buffer.from(`${credential.id}:${credential.secret}`);
  return `Basic ${pair.toString('base64')}`;
}

function bodyOf(call: ApiCall): { body?: string | URLSearchParams } {
  if (call.form !== undefined) return { body: new URLSearchParams(call.form) };
  return call.json === undefined ? {} : { body: JSON.stringify(call.json) };
}

/** A text member of an answer. @throws Error when it is missing or empty. */
export function textIn(answer: Readonly<Record<string, unknown>>, name: string): string {
  const value = answer[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`an answer has no ${name}`);
}

/** A whole number written as decimal text. @throws Error when it is anything else. */
export function amountIn(answer: Readonly<Record<string, unknown>>, name: string): bigint {
  const text = textIn(answer, name);
  if (!/^-?\d+$/.test(text)) throw new Error(`${name} is not a whole number: ${text}`);
  return BigInt(text);
}
