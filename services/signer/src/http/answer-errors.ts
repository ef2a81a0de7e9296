import { type Logger, toServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import type { CountRequest } from '../metrics/count-request.ts';
import { refuse } from './refuse.ts';

/** Strangers, and what every session is told now and then: not worth a line each. */
const EVERYDAY: ReadonlySet<number> = new Set([401, 480, 482]);

/**
 * Turns what a handler throws into the protocol's error body, and logs a refusal once, by code
 * and caller: never a body, token or signature. A client that went away is no fault.
 */
export function answerErrors(options: {
  readonly log: Logger;
  readonly count: CountRequest;
  readonly monotonicMs: () => number;
}): Middleware {
  const { log, count, monotonicMs } = options;
  return async (ctx, next) => {
    const startedMs = monotonicMs();
    try {
      await next();
    } catch (thrown) {
      if (isGone(thrown)) return;
      const { code, status, publicMessage, detail, cause } = toServiceError(thrown);
      if (status >= 500) log.error({ path: ctx.path, code, detail, err: cause }, 'request failed');
      refuse(ctx, { code, status, message: publicMessage });
      if (code === 'body_too_large') ctx.set('Connection', 'close');
    }
    const { code, principal, detail, tickets } = ctx.state;
    const elapsedMs = monotonicMs() - startedMs;
    count({ path: ctx.path, code: code ?? 'ok', tickets: tickets ?? 0, elapsedMs });
    if (code === undefined) return;
    const who = { appId: principal?.appId, subject: principal?.subject };
    const level = EVERYDAY.has(ctx.status) ? 'debug' : 'info';
    log[level]({ path: ctx.path, status: ctx.status, code, detail, ...who }, 'refused');
  };
}

function isGone(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
