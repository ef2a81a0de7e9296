import type { IncomingMessage } from 'node:http';
import { type Logger, type Principal, toServiceError } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import type { CountRequest } from '../metrics/count-request.ts';
import { type HttpRefusal, refuse } from './refuse.ts';

/** What it takes to count and log an answer. */
export type AnswerNotes = {
  readonly log: Logger;
  readonly count: CountRequest;
  readonly monotonicMs: () => number;
};

/** An answer that was given; `code` is that of a refusal. */
export type Answered = {
  readonly path: string;
  readonly status: number;
  readonly startedMs: number;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly principal?: Principal | undefined;
  readonly tickets?: number | undefined;
};

/** Strangers, and what every session is told now and then: not worth a line each. */
const EVERYDAY: ReadonlySet<number> = new Set([401, 480, 482]);

/**
 * Turns what a handler throws into the protocol's error body, and logs a refusal once, by code
 * and caller: never a body, token or signature. A client that went away is no fault.
 */
export function answerErrors(notes: AnswerNotes): Middleware {
  return async (ctx, next) => {
    const startedMs = notes.monotonicMs();
    try {
      await next();
    } catch (thrown) {
      const refusal = refusalOf(notes.log, { path: ctx.path, req: ctx.req, thrown });
      if (refusal === undefined) return;
      refuse(ctx, refusal);
    }
    const { code, principal, detail, tickets } = ctx.state;
    noteAnswer(notes, {
      path: ctx.path,
      status: ctx.status,
      startedMs,
      code,
      detail,
      principal,
      tickets,
    });
  };
}

/** What the client is told of something thrown; nothing when the client is gone. */
export function refusalOf(
  log: Logger,
  { path, req, thrown }: { path: string; req: IncomingMessage; thrown: unknown },
): HttpRefusal | undefined {
  if (isGone(req, thrown)) return undefined;
  const { code, status, publicMessage, detail, cause } = toServiceError(thrown);
  if (status >= 500) log.error({ path, code, detail, err: cause }, 'request failed');
  return { code, status, message: publicMessage };
}

/** Counts an answer, and logs it when it is a refusal. */
export function noteAnswer(notes: AnswerNotes, answered: Answered): void {
  const { path, status, code, detail, principal, tickets = 0 } = answered;
  const elapsedMs = notes.monotonicMs() - answered.startedMs;
  notes.count({ path, code: code ?? 'ok', tickets, elapsedMs });
  if (code === undefined) return;
  const who = { appId: principal?.appId, subject: principal?.subject };
  const level = EVERYDAY.has(status) ? 'debug' : 'info';
  notes.log[level]({ path, status, code, detail, ...who }, 'refused');
}

/** Connections of ours break with the same codes: only the client's own end counts. */
function isGone({ socket }: IncomingMessage, thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (!socket.destroyed) return false;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
