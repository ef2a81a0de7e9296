import { createNoticedCache, type NoticedCacheDeps } from '../db/noticed-cache.ts';
import { LIMITS } from '../limits.ts';

/**
 * Which apps let callers in without a credential; a change is known at once, with every change of
 * a key.
 */
export function createAnonymousApps(deps: NoticedCacheDeps): {
  allows: (appId: string) => Promise<boolean>;
  stop: () => Promise<void>;
} {
  const cache = createNoticedCache(deps, {
    channel: 'auth_keys_changed',
    keptMs: LIMITS.credentialKeptMs,
    entriesMax: LIMITS.credentialsKeptMax,
    namesKeys: false,
    read: async (appId) => {
      const rows = await deps.db`
        select 1 from auth.apps
        where id = ${appId} and anonymous_access and status = 'active'`;
      return rows.length > 0;
    },
  });
  return { allows: cache.get, stop: cache.stop };
}
