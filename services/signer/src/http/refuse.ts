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

/** RFC 6750: a 401 says which scheme is asked for. */
const CHALLENGE = 'Bearer error="invalid_token"';

/** Answers with a refusal, `{"error":{"message","code"}}`. */
export function refuse(ctx: Context, refusal: HttpRefusal): void {
  ctx.status = refusal.status;
  if (refusal.headers) ctx.set({ ...refusal.headers });
  if (refusal.status === 401) ctx.set('WWW-Authenticate', CHALLENGE);
  ctx.type = 'application/json';
  ctx.body = errorBody(refusal);
  ctx.state.code = refusal.code;
}

/** The same for a code alone, with its own status and text. */
export function refuseCode(ctx: Context, code: ErrorCode, text?: string): void {
  refuse(ctx, refusePlan(code, text));
}
