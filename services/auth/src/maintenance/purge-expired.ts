import type { Logger, Sql } from '@clearinghouse/shared';
import { purgeAccountSessions } from '../accounts/account-session-store.ts';
import { purgeMailTokens } from '../accounts/mail-token-store.ts';
import { LIMITS } from '../limits.ts';
import { purgeArtifacts } from '../oidc/artifact-store.ts';
import { purgeChallenges } from '../sign-in/challenge-store.ts';
import { purgeIdempotencyKeys, purgeRateCounters, purgeRefreshTokens } from './purge-store.ts';

type PurgeDeps = { readonly db: Sql; readonly log: Logger };

/** Deletes what has expired, in batches, until a batch is not full. */
export async function purgeExpired(deps: PurgeDeps): Promise<number> {
  let purged = 0;
  const purges = [
    purgeArtifacts,
    purgeRefreshTokens,
    purgeIdempotencyKeys,
    purgeRateCounters,
    purgeMailTokens,
    purgeChallenges,
    purgeAccountSessions,
  ];
  for (const purge of purges) {
    for (let count: number = LIMITS.purgeBatch; count === LIMITS.purgeBatch; purged += count) {
      count = await purge(deps.db, LIMITS.purgeBatch);
    }
  }
  return purged;
}

/** Purges now and then; replicas may do it at the same time. */
export function startPurging(deps: PurgeDeps): { stop: () => Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = purgeExpired(deps).catch((err: unknown) => deps.log.warn({ err }, 'purge failed'));
  }, LIMITS.purgeEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
