import type { Logger, Sql } from '@clearinghouse/shared';
import type { Provider } from 'oidc-provider';
import { LIMITS } from '../limits.ts';
import { deleteNotice, type LogoutNotice, takeNotices } from './logout-notice-store.ts';

export type TellAppsDeps = {
  readonly db: Sql;
  readonly log: Logger;
  readonly issuerParts: { readonly provider: () => Provider };
};

/** A client of the library, with what its types leave out. */
type ToldClient = {
  readonly backchannelLogoutUri?: string | undefined;
  readonly backchannelLogout: (subject: string, sid: string) => Promise<void>;
};

/**
 * Tells apps of sessions that ended here (OpenID Connect Back-Channel Logout 1.0): a logout token
 * to the address that the client registered. One that does not answer with 200 or 204 is told
 * again, each time later, and given up in the end.
 *
 * @returns how many were told or given up.
 */
export async function tellApps(deps: TellAppsDeps): Promise<number> {
  const { logoutNoticesAtOnce: limit, logoutNoticePauseSec: firstPauseSec } = LIMITS;
  const notices = await takeNotices(deps.db, { limit, firstPauseSec });
  const done = await Promise.all(notices.map((notice) => tell(deps, notice)));
  return done.filter(Boolean).length;
}

async function tell(deps: TellAppsDeps, notice: LogoutNotice): Promise<boolean> {
  const { id, clientId, subject, sid, tries } = notice;
  try {
    const found = await deps.issuerParts.provider().Client.find(clientId);
    const client = found as unknown as ToldClient | undefined;
    if (client?.backchannelLogoutUri !== undefined) await client.backchannelLogout(subject, sid);
  } catch (err) {
    const isOver = tries >= LIMITS.logoutNoticeTriesMax;
    deps.log.warn({ err, clientId, tries, isOver }, 'client not told of a logout');
    if (!isOver) return false;
  }
  await deleteNotice(deps.db, id);
  return true;
}

/** Tells them now and then; replicas may do it at the same time. */
export function startTellingApps(deps: TellAppsDeps): { stop: () => Promise<void> } {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= tellApps(deps)
      .catch((err: unknown) => deps.log.warn({ err }, 'logout notices not read'))
      .finally(() => {
        running = undefined;
      });
  }, LIMITS.logoutNoticeEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
