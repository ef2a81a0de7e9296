import type { Context } from 'koa';

/** Each part that must be there before payments are made; true when it is. */
export type Readiness = {
  /** The chain was read lately. */
  readonly chain: boolean;
  readonly journal: boolean;
  readonly queue: boolean;
  /** The issuer's keys are known. */
  readonly keys: boolean;
  /** The sender has a deposit and a reserve, and they are not about to be unlocked. */
  readonly funds: boolean;
  /** The operator has not stopped it. */
  readonly signing: boolean;
};

/** `GET /healthz`: the process serves. */
export function getHealth(ctx: Context): void {
  ctx.body = { status: 'ok' };
}

/** `GET /readyz`: payments can be made; 503 and what is missing otherwise. */
export function getReadiness(ctx: Context, readiness: () => Readiness): void {
  const parts = readiness();
  const isReady = Object.values(parts).every(Boolean);
  ctx.status = isReady ? 200 : 503;
  ctx.body = { status: isReady ? 'ready' : 'not_ready', ...parts };
}
