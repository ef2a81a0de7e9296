import type { Context, Middleware, Next } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { TOKEN_POINTS } from '../limits.ts';
import { inRequestScope, type RequestScope } from '../oidc/request-scope.ts';
import type { ConsumeRate, PeekRate, RateOutcome } from '../rate-limits/rate-limit.ts';
import { applyRate, ipOf, writeRateHeaders } from './rate-limit.ts';

export type IssuerLimitDeps = { readonly consumeRate: ConsumeRate; readonly peekRate: PeekRate };

/** What is not a fault of whoever asks: a device that waits for its person. */
const WAITING = new Set(['authorization_pending', 'use_dpop_nonce']);

/**
 * Limits what can be guessed at the issuer: by address the failed clients, codes and tokens; by
 * client what a proven client gets wrong; by address the codes of devices. A good request of a
 * proven client counts nothing and costs nothing.
 */
export function issuerLimits(deps: IssuerLimitDeps, issuerPath: string): Middleware {
  const tokenPaths = new Set(
    ['/token', '/token/introspection', '/token/revocation', '/request', '/device/auth'].map(
      (path) => `${issuerPath}${path}`,
    ),
  );
  const devicePath = `${issuerPath}/device`;
  return (ctx, next) => {
    if (ctx.method !== 'POST') return next();
    if (tokenPaths.has(ctx.path)) return limitTokens(deps, ctx as Context, next);
    return ctx.path === devicePath ? limitUserCodes(ctx as Context, next) : next();
  };

  async function limitUserCodes(ctx: Context, next: Next): Promise<void> {
    applyRate(ctx, deps.peekRate('user_code_ip', ipOf(ctx)));
    const scope: RequestScope = {};
    await inRequestScope(scope, next);
    if (!scope.missedUserCode) return;
    applyRate(ctx, await deps.consumeRate('user_code_ip', ipOf(ctx)));
  }
}

async function limitTokens(deps: IssuerLimitDeps, ctx: Context, next: () => Promise<void>) {
  const ip = ipOf(ctx);
  const known = deps.peekRate('token_ip', ip);
  if (!known.ok) return refuse(ctx, known);
  await next();
  const { client } = (ctx as unknown as Partial<KoaContextWithOIDC>).oidc ?? {};
  const isPublic = client?.clientAuthMethod === 'none';
  const points = pointsOf(ctx, isPublic);
  if (points === 0) return;
  // A client that has not proven itself may be anybody: its name must not lock the client out.
  const proven = ctx.status !== 401 && client !== undefined && !isPublic;
  const outcome = proven
    ? await deps.consumeRate('token_client', client.clientId, points)
    : await deps.consumeRate('token_ip', ip, points);
  // The request that passed the bound is still answered; the next one is not.
  if (outcome.ok) writeRateHeaders(ctx, outcome);
}

function pointsOf(ctx: Context, isPublic: boolean): number {
  if (ctx.status === 401) return TOKEN_POINTS.failedClient;
  const body = ctx.body as { error?: string; active?: boolean } | undefined;
  const isMiss = body?.active === false;
  if (isMiss || (ctx.status === 400 && !WAITING.has(body?.error ?? '')))
    return TOKEN_POINTS.refused;
  return isPublic ? TOKEN_POINTS.publicSuccess : 0;
}

function refuse(ctx: Context, outcome: RateOutcome): void {
  writeRateHeaders(ctx, outcome);
  ctx.status = 429;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: 'rate_limited', error_description: 'too many requests; see Retry-After' };
}
