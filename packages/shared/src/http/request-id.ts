import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';

export const REQUEST_ID_HEADER = 'X-Request-Id';
const ACCEPTED = /^[A-Za-z0-9_-]{8,64}$/;

const requests = new AsyncLocalStorage<string>();

/** The id of the request that is being served; undefined outside of one. */
export function currentRequestId(): string | undefined {
  return requests.getStore();
}

/** The id of a request: the caller's own when it is harmless, else a new one. */
export function requestIdFrom(given: string | undefined): string {
  return given !== undefined && ACCEPTED.test(given) ? given : randomUUID();
}

/** Gives each request an id, taken from the caller when it is harmless, and returns it. */
export function requestId(): Middleware {
  return (ctx, next) => {
    const id = requestIdFrom(ctx.get(REQUEST_ID_HEADER));
    ctx.state.requestId = id;
    ctx.set(REQUEST_ID_HEADER, id);
    return requests.run(id, next);
  };
}
