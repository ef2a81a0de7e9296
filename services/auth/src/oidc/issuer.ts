import type { Logger } from '@clearinghouse/shared';
import type { Middleware } from 'koa';
import compose from 'koa-compose';
import type { Provider } from 'oidc-provider';
import { type StaticBody, staticBody } from '../http/static-body.ts';
import { loadKeyRing } from '../signing-keys/load-key-ring.ts';
import type { KeyRing } from '../tokens/key-ring.ts';
import { type CreateProviderDeps, createProvider } from './create-provider.ts';
import { oneAfterAnother } from './one-after-another.ts';

/** The issuer as it is now; replaced as a whole when signing keys change. */
export type Issuer = {
  readonly keys: () => KeyRing;
  /** The provider of this moment, for pages that finish its interactions. */
  readonly provider: () => Provider;
  /** The provider's middleware; a request under way finishes on the provider it began with. */
  readonly middleware: Middleware;
  readonly jwks: () => StaticBody;
  /** Reads the keys again and swaps the provider when they changed. */
  readonly reload: () => Promise<void>;
  /** Counts the swaps; what was derived from an older provider is stale. */
  readonly version: () => number;
};

/** Builds the issuer from the keys in the database. */
export async function createIssuer(
  makeDeps: (keys: () => KeyRing) => CreateProviderDeps,
  log: Logger,
): Promise<Issuer> {
  let ring: KeyRing | undefined;
  const keys = () => {
    if (!ring) throw new Error('signing keys are not loaded');
    return ring;
  };
  const deps = makeDeps(keys);
  let version = 0;
  let jwks: StaticBody = staticBody({ keys: [] });
  let provider: Provider | undefined;
  let current: Middleware = async () => undefined;

  // A notice may come while the keys are read: the older rows must not be the ones that stay.
  const reload = oneAfterAnother(async () => {
    const next = await loadKeyRing(deps);
    if (ring && fingerprint(next) === fingerprint(ring)) return;
    ring = next;
    provider = createProvider(deps, next);
    current = compose(provider.middleware);
    jwks = staticBody({ keys: next.all.map((key) => key.publicJwk) });
    version += 1;
    log.info({ keys: next.all.length, version }, 'signing keys loaded');
  });

  await reload();
  const middleware: Middleware = (ctx, next) => current(ctx, next);
  const currentProvider = () => {
    if (!provider) throw new Error('the issuer is not built');
    return provider;
  };
  return {
    keys,
    middleware,
    provider: currentProvider,
    jwks: () => jwks,
    reload,
    version: () => version,
  };
}

function fingerprint(ring: KeyRing): string {
  return ring.all.map((key) => `${key.kid}:${key.status}`).join(' ');
}
