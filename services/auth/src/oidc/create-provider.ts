import type { Logger } from '@clearinghouse/shared';
import {
  type CanBePromise,
  Provider,
  type TokenEndpointGrantContext,
  type UnknownObject,
} from 'oidc-provider';
import { compareSecret } from '../clients/compare-secret.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { secretsOf, TOKEN_EXCHANGE_GRANT } from './client-metadata.ts';
import {
  CLIENT_CREDENTIALS_PARAMS,
  clientCredentialsGrant,
  EXCHANGE_PARAMS,
  type GrantDeps,
  REPEATABLE_PARAMS,
  refreshGrant,
  tokenExchangeGrant,
} from './grants.ts';
import { type ProviderDeps, providerOptions } from './provider-options.ts';

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
  // Only digests are stored, and two secrets may be valid while one is rotated.
  provider.Client.prototype.compareClientSecret = function compare(actual: string) {
    return compareSecret(secretsOf(this.ch_secrets), actual, new Date());
  };
  logFaults(provider, deps.log);
  return provider;
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
      const wrapped = name === 'refresh_token' ? refreshGrant(deps, handler as never) : handler;
      super.registerGrantType(name, wrapped, params, duplicates);
    }
  };
}

/** 500s are silent unless wired; refusals are logged with their detail and without tokens. */
function logFaults(provider: Provider, log: Logger): void {
  provider.on('server_error', (ctx, err) =>
    log.error({ requestId: ctx.state.requestId, path: ctx.path, err }, 'issuer failed'),
  );
  provider.on('grant.error', (ctx, err) => {
    const clientId = ctx.oidc.client?.clientId;
    const { requestId } = ctx.state;
    log.info({ requestId, clientId, code: err.error, detail: err.error_detail }, 'grant refused');
  });
}
