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

/** Gives each request an id, taken from the caller when it is harmless, and returns it. */
export function requestId(): Middleware {
  return (ctx, next) => {
    const given = ctx.get(REQUEST_ID_HEADER);
    const id = ACCEPTED.test(given) ? given : randomUUID();
    ctx.state.requestId = id;
    ctx.set(REQUEST_ID_HEADER, id);
    return requests.run(id, next);
  };
}
