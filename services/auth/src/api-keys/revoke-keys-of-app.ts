import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { revokeKeysOfApp } from './api-key-store.ts';

/**
 * Revokes every key of an app, or those that one person or client made.
 *
 * @returns how many were live.
 */
export async function revokeAllKeys(
  deps: ChangeIdentityDeps,
  input: {
    appId: string;
    createdBy?: string | undefined;
    reason: string;
    actor: string;
    requestId?: string | undefined;
  },
): Promise<number> {
  const { appId, reason, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const ids = await revokeKeysOfApp(tx, input);
    for (const id of ids) record({ kind: 'key', id, appId, status: 'revoked' });
    const detail = { keys: ids.length, ...(input.createdBy ? { createdBy: input.createdBy } : {}) };
    await recordAudit(tx, { action: 'key.all_revoked', actor, appId, reason, requestId, detail });
    return ids.length;
  });
}
