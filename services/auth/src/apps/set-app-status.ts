import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { App } from './app.ts';
import { updateAppStatus } from './app-store.ts';

/**
 * Suspends an app or lets it go on; the next hold and the next token feel it.
 *
 * @returns `not_found` when there is no such app.
 */
export async function setAppStatus(
  deps: ChangeIdentityDeps,
  input: { appId: string; status: App['status']; actor: string; requestId?: string | undefined },
): Promise<Outcome<{ id: string; status: App['status'] }, 'not_found'>> {
  const { appId, status, actor, requestId } = input;
  const found = await changeIdentity(deps, async (tx, record) => {
    if (!(await updateAppStatus(tx, appId, status))) return false;
    record({ kind: 'app', id: appId, appId, status });
    await recordAudit(tx, { action: `app.${status}`, actor, appId, target: appId, requestId });
    return true;
  });
  return found ? ok({ id: appId, status }) : refused('not_found');
}
