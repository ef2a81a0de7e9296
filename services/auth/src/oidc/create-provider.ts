import { createHash } from 'node:crypto';
import { type Logger, toServiceError } from '@clearinghouse/shared';
import {
  type CanBePromise,
  errors,
  type KoaContextWithOIDC,
  Provider,
  type TokenEndpointGrantContext,
  type UnknownObject,
} from 'oidc-provider';
import type { KeyRing } from '../tokens/key-ring.ts';
import { insertArtifactOnce } from './artifact-store.ts';
import { adaptClients } from './built-clients.ts';
import { DEVICE_CODE_GRANT, TOKEN_EXCHANGE_GRANT } from './client-metadata.ts';
import {
  CLIENT_CREDENTIALS_PARAMS,
  clientCredentialsGrant,
  EXCHANGE_PARAMS,
  type GrantDeps,
  REPEATABLE_PARAMS,
  refreshGrant,
  tokenExchangeGrant,
} from './grants.ts';
import { keepSessionsEnded } from './keep-sessions-ended.ts';
import { type ProviderDeps, providerOptions } from './provider-options.ts';
import { authorizationCodeGrant, deviceCodeGrant, type GrantHandler } from './redeem-grants.ts';

export type CreateProviderDeps = ProviderDeps & GrantDeps & { readonly log: Logger };

/**
 * Builds the OpenID provider over one key ring. It keeps nothing in memory that another replica
 * or the next key ring would need, so that it may be replaced at any time.
 */
export function createProvider(deps: CreateProviderDeps, keys: KeyRing): Provider {
  const provider = new (providerClass(deps))(deps.issuer, providerOptions(deps, keys));
  provider.registerGrantType(
    'client_credentials',
    clientCredentialsGrant(deps),
    CLIENT_CREDENTIALS_PARAMS,
    REPEATABLE_PARAMS,
  );
  provider.registerGrantType(
    TOKEN_EXCHANGE_GRANT,
    tokenExchangeGrant(deps),
    EXCHANGE_PARAMS,
    REPEATABLE_PARAMS,
  );
  adaptClients(provider, deps);
  rememberProofs(provider, deps);
  keepSessionsEnded(provider);
  logFaults(provider, deps.log);
  return provider;
}

/** A proof or assertion is used once over all replicas: who writes its id first (RFC 9449, 11.1). */
function rememberProofs(provider: Provider, deps: ProviderDeps): void {
  provider.ReplayDetection.unique = async (iss, jti, exp) => {
    const id = createHash('sha256')
      .update(JSON.stringify([iss, jti]))
      .digest('base64url');
    const expiresInSec = Math.max(1, exp - Math.floor(Date.now() / 1000));
    return insertArtifactOnce(deps.db, 'ReplayDetection', id, expiresInSec);
  };
}

/**
 * The built-in grants are registered by the constructor through the same public method that we
 * call; overriding it lets one of them be wrapped, which nothing else offers.
 */
function providerClass(deps: GrantDeps): typeof Provider {
  return class extends Provider {
    override registerGrantType<P extends object = UnknownObject>(
      name: string,
      handler: (ctx: TokenEndpointGrantContext<P>) => CanBePromise<void>,
      params?: string | readonly string[] | ReadonlySet<string>,
      duplicates?: string | readonly string[] | ReadonlySet<string>,
    ): void {
      const wrapped = limitClients(deps, wrapGrant(deps, name, handler as GrantHandler));
      super.registerGrantType(name, wrapped as typeof handler, params, duplicates);
    }
  };
}

function wrapGrant(deps: GrantDeps, name: string, builtIn: GrantHandler): GrantHandler {
  if (name === 'refresh_token') return refreshGrant(deps, builtIn);
  if (name === 'authorization_code') return authorizationCodeGrant(deps, builtIn);
  return name === DEVICE_CODE_GRANT ? deviceCodeGrant(deps, builtIn) : builtIn;
}

/** A proven client that got too much wrong waits, whichever way it proved itself. */
function limitClients(deps: GrantDeps, grant: GrantHandler): GrantHandler {
  return async (ctx) => {
    const outcome = deps.peekRate('token_client', ctx.oidc.client?.clientId ?? '');
    if (!outcome.ok) {
      ctx.set('Retry-After', String(outcome.retryAfterSec));
      throw new errors.OIDCProviderError(429, 'rate_limited');
    }
    await grant(ctx);
  };
}

/** 500s are silent unless wired; refusals are logged with their detail and without tokens. */
function logFaults(provider: Provider, log: Logger): void {
  provider.on('server_error', (ctx, err) => {
    log.error({ requestId: ctx.state.requestId, path: ctx.path, err }, 'issuer failed');
    const { code } = toServiceError(err);
    if (code === 'unavailable') answerUnavailable(ctx);
    if (code === 'invalid_request') answerMalformed(ctx);
  });
  provider.on('backchannel.error', (_ctx, err, client) =>
    log.warn({ clientId: client.clientId, err }, 'client not told of a logout'),
  );
  provider.on('grant.error', (ctx, err) => {
    const clientId = ctx.oidc.client?.clientId;
    const { requestId } = ctx.state;
    log.info({ requestId, clientId, code: err.error, detail: err.error_detail }, 'grant refused');
  });
}

/** The database is away: that is no fault of the request, and worth another try. */
function answerUnavailable(ctx: KoaContextWithOIDC): void {
  ctx.status = 503;
  ctx.set('Retry-After', '1');
  if (ctx.type === 'text/html') return;
  ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' };
}

/** A text that the database cannot keep, such as one with a NUL. */
function answerMalformed(ctx: KoaContextWithOIDC): void {
  ctx.status = 400;
  if (ctx.type === 'text/html') return;
  ctx.body = { error: 'invalid_request', error_description: 'request is invalid' };
}
