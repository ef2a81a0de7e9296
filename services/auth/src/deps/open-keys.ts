import type { Logger, Sql } from '@clearinghouse/shared';
import { type EndingKey, startReminding } from '../api-keys/remind-of-ends.ts';
import { createAnonymousApps } from '../apps/allows-anonymous.ts';
import { createKeyFinder } from '../forward-auth/find-key.ts';
import type { Mail } from '../mail/send-mail.ts';
import { keyEndsMail, keyLeakedMail } from '../mail/write-mails.ts';
import type { Peppers } from '../secrets/pepper.ts';
import { findCarers } from '../teams/find-carers.ts';

type Deps = {
  readonly db: Sql;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly peppers: Peppers;
  /** Hands a mail over; never fails. */
  readonly post: (mail: Mail) => void;
  readonly installation: string;
  readonly origin: string;
};

type Leak = { appId: string; keyId: string; where: string | undefined };

/** What verifies keys at the doors of others, and tells people about theirs. */
export function openKeys(deps: Deps) {
  const keys = createKeyFinder(deps);
  const apps = createAnonymousApps(deps);
  const { installation, origin } = deps;
  const letter = (to: string) => ({ to, installation, origin });
  const sendReminder = (to: string, ending: EndingKey) => {
    const { display: key, appName: app, days } = ending;
    deps.post(
      keyEndsMail({ ...letter(to), key, app, days, endsAt: ending.expiresAt.toUTCString() }),
    );
  };
  const reminding = startReminding({ ...deps, sendReminder });
  const tellOfLeak = async ({ appId, keyId, where = 'not said' }: Leak) => {
    for (const to of await findCarers(deps.db, appId)) {
      deps.post(keyLeakedMail({ ...letter(to), keyId, where }));
    }
  };
  return {
    findKey: keys.find,
    forgetKeys: keys.forget,
    allowsAnonymous: apps.allows,
    notifyLeak: (leak: Leak) => {
      const { appId, keyId } = leak;
      deps.log.warn({ appId, keyId }, 'a leaked key was reported, and revoked');
      void tellOfLeak(leak).catch((err: unknown) =>
        deps.log.warn({ err, keyId }, 'nobody was told of a leaked key'),
      );
    },
    keyStops: [
      { name: 'reminders', stop: reminding.stop },
      { name: 'keys', stop: keys.stop },
      { name: 'anonymous apps', stop: apps.stop },
    ],
  };
}
