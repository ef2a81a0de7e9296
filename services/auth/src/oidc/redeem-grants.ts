import type { Database } from '@clearinghouse/shared';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { LIMITS } from '../limits.ts';
import { rotatesRefreshTokens } from './client-metadata.ts';
import {
  acceptPoll,
  type CodeModel,
  countWrongTry,
  markCodeAnswered,
} from './one-time-code-store.ts';
import {
  inRequestScope,
  type OneTimeGrant,
  type RequestScope,
  requestScope,
} from './request-scope.ts';
import type { RotateRefreshToken } from './rotate-refresh-token.ts';

export type GrantHandler = (ctx: KoaContextWithOIDC) => Promise<void>;

type RedeemDeps = { readonly db: Database };

/**
 * The authorization_code grant of oidc-provider, with a code that is used once however many
 * present it, and that is gone after a few wrong tries (verifier, redirect URI).
 */
export function authorizationCodeGrant(deps: RedeemDeps, builtIn: GrantHandler): GrantHandler {
  return async (ctx) => {
    const code = paramOf(ctx, 'code');
    try {
      await redeem(ctx, 'authorization_code', builtIn);
    } catch (error) {
      if (error instanceof errors.InvalidGrant && code !== undefined) {
        await countWrongTry(deps.db, 'AuthorizationCode', code, LIMITS.codeTriesMax);
      }
      throw error;
    }
    await settle(deps, 'AuthorizationCode', code);
  };
}

/**
 * The device_code grant (RFC 8628): a device that polls faster than it was told gets `slow_down`.
 * The clock stands in the database, so that it counts over all replicas.
 */
export function deviceCodeGrant(deps: RedeemDeps, builtIn: GrantHandler): GrantHandler {
  return async (ctx) => {
    const code = paramOf(ctx, 'device_code');
    if (code !== undefined) {
      const poll = await acceptPoll(deps.db, code, LIMITS.deviceIntervalMinMs);
      if (poll === 'too fast') throw new errors.SlowDown();
    }
    await redeem(ctx, 'device_code', builtIn);
    await settle(deps, 'DeviceCode', code);
  };
}

/**
 * The refresh_token grant of oidc-provider, with our rule of who gets a successor. The answer is
 * made first and then the tokens in it are written, all at once: until then nothing is used up.
 */
export function providerRefreshGrant(
  rotate: RotateRefreshToken,
  builtIn: GrantHandler,
): GrantHandler {
  return async (ctx) => {
    // Where nothing is rotated, nothing is used up, and what was used up once stays so.
    if (!rotatesRefreshTokens(ctx.oidc.client)) return builtIn(ctx);
    const { rotation } = await redeem(ctx, 'refresh_token', builtIn);
    if (rotation === undefined) throw new Error('a refresh token was answered without a rotation');
    const rotated = await rotate(rotation);
    if (!rotated.ok) throw new errors.InvalidGrant(rotated.detail ?? rotated.code);
  };
}

async function redeem(
  ctx: KoaContextWithOIDC,
  type: OneTimeGrant,
  builtIn: GrantHandler,
): Promise<RequestScope> {
  const clientId = ctx.oidc.client?.clientId ?? '';
  const scope = { ...requestScope(), grant: { type, clientId } };
  await inRequestScope(scope, async () => builtIn(ctx));
  return scope;
}

async function settle(deps: RedeemDeps, model: CodeModel, code: string | undefined) {
  if (code !== undefined) await markCodeAnswered(deps.db, model, code);
}

function paramOf(ctx: KoaContextWithOIDC, name: string): string | undefined {
  const value = ctx.oidc.params?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
