/** A client's credentials. */
export type Credentials = { readonly clientId: string; readonly clientSecret: string };

/** An answer with its body as JSON (or the text, where it is none). */
export type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
};

export const TOKEN_PATH = '/api/v1/oidc/token';
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const API_KEY = 'urn:pymthouse:oauth:token-type:api_key';

/** `Authorization: Basic` of a client, not form-encoded. */
export function basic({ clientId, clientSecret }: Credentials): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

/** Sends a request; `as` is an Authorization header or a client. */
export async function call(
  url: string,
  options: {
    method?: string;
    as?: string | Credentials | undefined;
    json?: unknown;
    form?: Record<string, string> | [string, string][];
    headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const { as, json, form } = options;
  const headers: Record<string, string> = { ...options.headers };
  if (as !== undefined) headers.authorization = typeof as === 'string' ? as : basic(as);
  if (json !== undefined) headers['content-type'] ??= 'application/json';
  const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json);
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, body: parse(text), text, headers: response.headers };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
