import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { App } from './app.ts';
import { findApp, updateApp } from './app-store.ts';

/** What an operator sets about an app; what is left out stays. */
export type AppSettings = Partial<Pick<App, 'name' | 'isFirstParty' | 'anonymousAccess'>>;

/**
 * Changes an app's settings; its clients and keys feel it at their next request.
 *
 * @returns `not_found` when there is no such app.
 */
export async function changeApp(
  deps: ChangeIdentityDeps,
  input: {
    appId: string;
    settings: AppSettings;
    actor: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<App, 'not_found'>> {
  const { appId, settings, actor, requestId } = input;
  return changeIdentity(deps, async (tx) => {
    const app = await findApp(tx, appId);
    if (!app) return refused('not_found');
    const changed = { ...app, ...settings };
    await updateApp(tx, appId, changed);
    const detail = { changed: Object.keys(settings).join(' ') };
    const entry = { action: 'app.changed', actor, appId, target: appId, requestId, detail };
    await recordAudit(tx, entry);
    return ok(changed);
  });
}
