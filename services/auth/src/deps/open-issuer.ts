import type { Logger, Sql } from '@clearinghouse/shared';
import { findAccountById } from '../accounts/account-store.ts';
import type { IssuerConfig } from '../config/issuer.ts';
import { createExternalKeys } from '../exchange/fetch-external-keys.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { createGuardedFetch } from '../oidc/guarded-fetch.ts';
import { countRates } from '../rate-limits/count-rates.ts';
import { findUserOfAccount, userOfAccount } from '../users/user-of-account.ts';
import { findUserOfApp } from '../users/user-store.ts';

type Who = { readonly accountId: string; readonly appId: string };
type Base = { readonly db: Sql; readonly log: Logger; readonly nowMs: () => number };

/** Makes what the issuer's surfaces share: the counters, the fetch, who a session is for. */
export function openIssuerParts(
  config: IssuerConfig & { readonly redisUrl: string | undefined; readonly isDevelopment: boolean },
  base: Base & Pick<ChangeIdentityDeps, 'announce'>,
) {
  const { db } = base;
  const rates = countRates({ ...base, redisUrl: config.redisUrl, factor: config.rateLimitFactor });
  const guardedFetch = createGuardedFetch({ allowLoopback: config.isDevelopment });
  return {
    consumeRate: rates.consume,
    consumeBound: rates.consumeBound,
    peekRate: rates.peek,
    guardedFetch,
    externalKeys: createExternalKeys({ guardedFetch, nowMs: base.nowMs }),
    dpopNonceSecret: config.dpopNonceSecret,
    findUserOfApp: (id: string) => findUserOfApp(db, id),
    findAccountById: (id: string) => findAccountById(db, id),
    findUserOfAccount: (who: Who) => findUserOfAccount(base, who),
    userOfAccount: (who: Who) => userOfAccount(base, who),
    issuerStops: [{ name: 'rate limits', stop: rates.stop }],
  };
}
