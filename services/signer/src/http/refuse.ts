import type { ErrorCode } from '@clearinghouse/shared';
import type { Context } from 'koa';
import { refusePlan } from '../payments/refuse-plan.ts';
import { errorBody } from '../wire/error-body.ts';

/** What a client is told: status and message as go-livepeer has them, and a stable code. */
export type HttpRefusal = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The type of every answer that is JSON. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** RFC 6750: a 401 says which scheme is asked for. */
const CHALLENGE = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
/** The rest of such a body is not read, so nothing can follow it. */
const LAST = { Connection: 'close' };

/** The headers of a refusal. */
export function refusalHeaders(refusal: HttpRefusal): Readonly<Record<string, string>> {
  return {
    'Content-Type': JSON_TYPE,
    ...refusal.headers,
    ...(refusal.status === 401 ? CHALLENGE : {}),
    ...(refusal.code === 'body_too_large' ? LAST : {}),
  };
}

/** Answers with a refusal, `{"error":{"message","code"}}`. */
export function refuse(ctx: Context, refusal: HttpRefusal): void {
  ctx.status = refusal.status;
  ctx.body = errorBody(refusal);
  ctx.set(refusalHeaders(refusal));
  ctx.state.code = refusal.code;
}

/** The same for a code alone, with its own status and text. */
export function refuseCode(ctx: Context, code: ErrorCode, text?: string): void {
  refuse(ctx, refusePlan(code, text));
}
