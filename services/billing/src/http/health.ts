import type { Context } from 'koa';
import type { Readiness } from '../readiness/readiness.ts';

/** The process serves. */
export async function getHealth(ctx: Context): Promise<void> {
  ctx.body = { status: 'ok' };
}

/** Payments can be held: 200, or 503 naming what is missing. */
export async function getReadiness(
  ctx: Context,
  checkReadiness: () => Promise<Readiness>,
): Promise<void> {
  const parts = await checkReadiness();
  const isReady = Object.values(parts).every(Boolean);
  ctx.status = isReady ? 200 : 503;
  ctx.body = { status: isReady ? 'ready' : 'not_ready', ...parts };
}
