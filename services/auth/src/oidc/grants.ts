import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Caller } from '../exchange/caller.ts';
import { type ExchangeDeps, exchangeToken } from '../exchange/exchange-token.ts';
import { issueMachineToken } from '../exchange/issue-machine-token.ts';
import type { MintUserDeps } from '../exchange/mint-user-signer-token.ts';
import { LIMITS } from '../limits.ts';
import type { PeekRate } from '../rate-limits/rate-limit.ts';
import { isMintedSecret } from '../secrets/generated-secret.ts';
import {
  type OAuthOutcome,
  type OAuthRefusal,
  oauthErrorBody,
  oauthStatus,
  refuseGrant,
} from '../tokens/oauth-refusal.ts';
import { refreshUserToken } from '../users/refresh-user-token.ts';
import { approveDevice, DEVICE_TARGET } from './approve-device.ts';
import { ownMetadata } from './client-metadata.ts';
import { type GrantHandler, providerRefreshGrant } from './redeem-grants.ts';
import { createRotation } from './rotate-refresh-token.ts';

export type GrantDeps = ExchangeDeps &
  MintUserDeps & {
    readonly peekRate: PeekRate;
    readonly onRefusal: (clientId: string, refusal: OAuthRefusal, requestId: unknown) => void;
  };

type Params = Readonly<Record<string, unknown>>;

/** The parameters our grants read; oidc-provider strips all others. */
export const CLIENT_CREDENTIALS_PARAMS = ['scope', 'resource', 'audience', 'external_user_id'];
export const EXCHANGE_PARAMS = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
  'scope',
  'resource',
  'audience',
];
/** Parameters that RFC 8693 and 8707 allow to be repeated. */
export const REPEATABLE_PARAMS = ['resource', 'audience'];

/** The client_credentials grant (RFC 6749, section 4.4). */
export function clientCredentialsGrant(deps: GrantDeps): GrantHandler {
  return async (ctx) => {
    refuseBoundClients(ctx);
    const params = paramsOf(ctx);
    const outcome = await issueMachineToken(deps, {
      caller: callerOf(ctx),
      scope: textOf(params, 'scope'),
      targets: targetsOf(params),
      externalUserId: textOf(params, 'external_user_id'),
    });
    answer(deps, ctx, outcome);
  };
}

/** The token exchange grant (RFC 8693). */
export function tokenExchangeGrant(deps: GrantDeps): GrantHandler {
  return async (ctx) => {
    refuseBoundClients(ctx);
    const params = paramsOf(ctx);
    const device = targetsOf(params).find((target) => target.startsWith(DEVICE_TARGET));
    if (device !== undefined) return answer(deps, ctx, await approve(deps, ctx, device));
    const outcome = await exchangeToken(deps, {
      subjectToken: textOf(params, 'subject_token'),
      subjectTokenType: textOf(params, 'subject_token_type'),
      requestedTokenType: textOf(params, 'requested_token_type'),
      actorToken: textOf(params, 'actor_token'),
      scope: textOf(params, 'scope'),
      targets: targetsOf(params),
      caller: callerOf(ctx),
      appId: undefined,
      fromBrowser: ctx.get('origin') !== '',
      surface: 'token endpoint',
      requestId: ctx.state.requestId,
    });
    answer(deps, ctx, outcome);
  };
}

function approve(deps: GrantDeps, ctx: KoaContextWithOIDC, target: string) {
  const params = paramsOf(ctx);
  return approveDevice(deps, {
    provider: ctx.oidc.provider,
    caller: callerOf(ctx),
    subjectToken: textOf(params, 'subject_token'),
    subjectTokenType: textOf(params, 'subject_token_type'),
    target,
    requestId: ctx.state.requestId,
  });
}

/**
 * The refresh_token grant: our own user tokens by their prefix, everything else as oidc-provider
 * does it.
 */
export function refreshGrant(deps: GrantDeps, builtIn: GrantHandler): GrantHandler {
  const providerGrant = providerRefreshGrant(createRotation(deps), builtIn);
  return async (ctx) => {
    const refreshToken = textOf(paramsOf(ctx), 'refresh_token') ?? '';
    if (!refreshToken.startsWith('lp_rt_')) return providerGrant(ctx);
    const { clientId } = callerOf(ctx);
    const outcome = isMintedSecret('lp_rt_', refreshToken)
      ? await refreshUserToken(deps, { refreshToken, clientId })
      : refuseGrant('checksum');
    if (!outcome.ok) return answer(deps, ctx, refuseGrant(outcome.detail ?? 'refused'));
    const { value } = outcome;
    ctx.body = {
      access_token: value.accessToken,
      refresh_token: value.refreshToken,
      token_type: 'Bearer',
      expires_in: value.expiresInSec,
      scope: value.scope,
    };
  };
}

function answer(deps: GrantDeps, ctx: KoaContextWithOIDC, outcome: OAuthOutcome<object>): void {
  if (outcome.ok) {
    ctx.body = outcome.value;
    return;
  }
  deps.onRefusal(callerOf(ctx).clientId, outcome, ctx.state.requestId);
  ctx.status = oauthStatus(outcome.error);
  ctx.body = oauthErrorBody(outcome);
}

/** Our own grants give bearer tokens, which such a client must not get (RFC 9449, section 5.2). */
function refuseBoundClients(ctx: KoaContextWithOIDC): void {
  if (ctx.oidc.client?.dpopBoundAccessTokens !== true) return;
  throw new errors.InvalidRequest('this grant gives no sender-constrained tokens');
}

function callerOf(ctx: KoaContextWithOIDC): Caller {
  const { client } = ctx.oidc;
  if (!client) throw new errors.InvalidClient('no client');
  const { ch_app_id: appId, ch_scopes: scopes = [] } = ownMetadata(client);
  return { clientId: client.clientId, appId: appId === '' ? undefined : appId, scopes };
}

function paramsOf(ctx: KoaContextWithOIDC): Params {
  return (ctx.oidc.params ?? {}) as Params;
}

function textOf(params: Params, name: string): string | undefined {
  const value = params[name];
  if (typeof value !== 'string' || value === '') return undefined;
  if (value.length > LIMITS.credentialCharsMax) {
    throw new errors.InvalidRequest(`${name} is too long`);
  }
  return value;
}

function targetsOf(params: Params): string[] {
  return ['resource', 'audience'].flatMap((name) => {
    const value = params[name];
    return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
  });
}
