import type { Logger, Sql } from '@clearinghouse/shared';
import { createAnonymousApps } from '../apps/allows-anonymous.ts';
import { createKeyFinder } from '../forward-auth/find-key.ts';
import type { Peppers } from '../secrets/pepper.ts';

/** What verifies keys at the doors of others. */
export function openKeys(deps: { db: Sql; log: Logger; nowMs: () => number; peppers: Peppers }) {
  const keys = createKeyFinder(deps);
  const apps = createAnonymousApps(deps);
  return {
    findKey: keys.find,
    allowsAnonymous: apps.allows,
    notifyLeak: (leak: { appId: string; keyId: string; where: string | undefined }) =>
      deps.log.warn(
        { appId: leak.appId, keyId: leak.keyId },
        'a leaked key was reported, and revoked',
      ),
    keyStops: [
      { name: 'keys', stop: keys.stop },
      { name: 'anonymous apps', stop: apps.stop },
    ],
  };
}
