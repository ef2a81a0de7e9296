import type { Logger, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import type { Sealer } from '../secrets/sealer.ts';
import { resealSecrets } from './reseal-secrets.ts';
import { dropOldKeys, rotateDueKeys } from './rotate-signing-keys.ts';

const DAY_SEC = 86_400;

export type KeepKeysDeps = { readonly db: Sql; readonly log: Logger; readonly sealer: Sealer };

/**
 * Does what is due for the keys: rotates those that have signed for `rotateDays`, forgets those
 * that were retired long ago, and seals again what an older key encryption key sealed.
 *
 * @param input.rotateDays 0: keys are rotated by command only.
 */
export async function keepSigningKeys(
  deps: KeepKeysDeps,
  input: { rotateDays: number },
): Promise<void> {
  const { log } = deps;
  if (input.rotateDays > 0) {
    const rotated = await rotateDueKeys(deps, { maxAgeSec: input.rotateDays * DAY_SEC });
    if (rotated.length > 0) log.info({ rotated }, 'signing keys rotated by schedule');
  }
  await dropOldKeys(deps);
  const resealed = await resealSecrets(deps);
  if (resealed > 0) log.info({ resealed }, 'secrets sealed again with the first key');
}

/** Does it now and then, on every replica; they do not get into each other's way. */
export function startKeepingKeys(
  deps: KeepKeysDeps,
  input: { rotateDays: number },
): { stop: () => Promise<void> } {
  const keep = () =>
    keepSigningKeys(deps, input).catch((err: unknown) =>
      deps.log.error({ err }, 'signing keys not kept'),
    );
  let running = keep();
  const timer = setInterval(() => {
    running = keep();
  }, LIMITS.keysScheduleMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
