import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import {
  currentTrace,
  type Logger,
  type Outcome,
  ok,
  REPLAYED_HEADER,
  refused,
} from '@clearinghouse/shared';
import type { TokenDeps } from '../tokens/token-deps.ts';
import { type ForwardTokenInput, signForwardToken } from './sign-forward-token.ts';

export type ForwardDeps = TokenDeps & {
  readonly fetch: typeof fetch;
  readonly billingUrl: string;
  /** From sending to billing's first byte. */
  readonly firstByteMs: number;
  readonly log: Logger;
};

/** What goes along besides method, path and body; the caller's credentials never do. */
const REQUEST_HEADERS = ['content-type', 'accept', 'if-none-match', 'idempotency-key'] as const;
const RESPONSE_HEADERS = [
  'content-type',
  'cache-control',
  'etag',
  'retry-after',
  'content-disposition',
  REPLAYED_HEADER.toLowerCase(),
] as const;

export type ForwardInput = ForwardTokenInput & {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

export type ForwardedResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | undefined;
};

/**
 * Forwards a request to billing under a token of our own and streams the answer.
 *
 * @returns `unavailable` when billing cannot be reached or its first byte takes longer than 5 s.
 */
export async function forwardRequest(
  deps: ForwardDeps,
  input: ForwardInput,
): Promise<Outcome<ForwardedResponse, 'unavailable'>> {
  // Joined as text, so that no path can name another host; what the URL standard rewrites in it
  // (a quote in a query, say) must be signed as it will be sent.
  const url = new URL(`${deps.billingUrl}${input.path}`);
  const token = await signForwardToken(deps, { ...input, path: `${url.pathname}${url.search}` });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), deps.firstByteMs);
  try {
    const response = await deps.fetch(url, {
      method: input.method,
      headers: requestHeaders(input, token),
      ...(input.body.length === 0 ? {} : { body: Buffer.from(input.body) }),
      redirect: 'manual',
      signal: abort.signal,
    });
    const body = response.body;
    return ok({
      status: response.status,
      headers: responseHeaders(response),
      body: body === null ? undefined : Readable.fromWeb(body as unknown as ReadableStream),
    });
  } catch (err) {
    deps.log.warn({ requestId: input.requestId, err }, 'billing did not answer');
    return refused('unavailable');
  } finally {
    clearTimeout(timer);
  }
}

function requestHeaders(input: ForwardInput, token: string): Record<string, string> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${token}`,
    'x-request-id': input.requestId,
    'accept-encoding': 'identity',
  };
  const trace = currentTrace();
  if (trace !== undefined) headers.traceparent = trace;
  for (const name of REQUEST_HEADERS) {
    const value = input.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

function responseHeaders(response: Response): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of RESPONSE_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}
