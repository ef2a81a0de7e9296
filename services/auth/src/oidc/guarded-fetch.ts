import { lookup as resolve } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isAllowedAddress } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';

/** How far a fetch of somebody else's URL may go. */
export type GuardedFetchOptions = {
  /** Development only: http and addresses of this machine are let through. */
  readonly allowLoopback: boolean;
  readonly timeoutMs?: number;
  readonly bodyBytesMax?: number;
};

/** `fetch` for URLs that clients and operators of apps register. */
export type GuardedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Makes a `fetch` that cannot be turned against our own network: https only; every address that
 * the name resolves to must be a public one, and the connection goes to the address that was
 * looked at, not to what the name says a moment later; no redirect is followed; time and size
 * are bounded.
 *
 * @throws TypeError without a word about what answered.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const refusal = checkUrl(url, options);
    if (refusal !== undefined) throw new TypeError(refusal);
    return send(url, init, options);
  };
}

/** Why a URL may not be fetched at all; undefined when it may. */
function checkUrl(url: URL, options: GuardedFetchOptions): string | undefined {
  const { protocol, username, password } = url;
  const isHttp = protocol === 'http:' && options.allowLoopback;
  if (protocol !== 'https:' && !isHttp) return 'only https may be fetched';
  if (username !== '' || password !== '') return 'a URL must not hold credentials';
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isAllowedAddress(literal, options)) {
    return 'the address is not a public one';
  }
  return undefined;
}

/** Looks a name up and refuses it when any of its addresses is not a public one. */
function guardedLookup(options: GuardedFetchOptions): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (err, addresses) => {
      if (err) return callback(err, '', 0);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isAllowedAddress(address, options))) {
        return callback(new Error('the address is not a public one'), '', 0);
      }
      if (lookupOptions.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function send(url: URL, init: RequestInit, options: GuardedFetchOptions): Promise<Response> {
  const { timeoutMs = LIMITS.outboundTimeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const body = bodyOf(init.body);
  const settings: RequestOptions = {
    method: init.method ?? 'GET',
    headers: { ...Object.fromEntries(new Headers(init.headers)), ...lengthOf(body) },
    lookup: guardedLookup(options),
    signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
    // No connection is kept for a name that may point elsewhere tomorrow.
    agent: false,
  };
  return new Promise((done, fail) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open(url, settings, (response) => {
      toResponse(response, options).then(done, fail);
    });
    request.on('error', fail);
    request.end(body);
  });
}

function bodyOf(body: RequestInit['body']): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof URLSearchParams) return String(body);
  throw new TypeError('only text can be sent');
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

async function toResponse(
  message: IncomingMessage,
  options: GuardedFetchOptions,
): Promise<Response> {
  const { bodyBytesMax = LIMITS.outboundBodyBytesMax } = options;
  const { statusCode: status = 502 } = message;
  if (status >= 300 && status < 400) {
    message.destroy();
    throw new TypeError('redirects are not followed');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyBytesMax) {
      message.destroy();
      throw new TypeError('the answer is too large');
    }
    chunks.push(chunk as Buffer);
  }
  const headers = new Headers();
  for (const name of ['content-type', 'cache-control', 'expires']) {
    const value = message.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const hasBody = status !== 204 && status !== 205;
  return new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers });
}
