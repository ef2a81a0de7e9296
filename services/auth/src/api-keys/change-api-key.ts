import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { ApiKey, KeySettings } from './api-key.ts';
import { lockKey, updateKeySettings } from './api-key-store.ts';

/**
 * Changes what a key may be used for; what is left out stays. Holds from the next request on.
 *
 * @returns `not_found` when the app has no such key, `conflict` when it is revoked,
 * `invalid_request` for origins on a secret key.
 */
export async function changeApiKey(
  deps: ChangeIdentityDeps,
  input: {
    appId: string;
    keyId: string;
    settings: Partial<KeySettings>;
    actor: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<ApiKey, 'not_found' | 'conflict' | 'invalid_request'>> {
  const { appId, keyId, settings, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const old = await lockKey(tx, { appId, keyId });
    if (!old) return refused('not_found');
    if (old.revokedAt !== null) return refused('conflict');
    const changed = { ...old, ...settings };
    if (changed.kind === 'secret' && changed.allowedOrigins.length > 0) {
      return refused('invalid_request');
    }
    const row = await updateKeySettings(tx, keyId, changed);
    // Unchanged in status, yet told: whoever remembers this key forgets it.
    record({ kind: 'key', id: keyId, appId, status: 'active' });
    const detail = { changed: Object.keys(settings).join(' ') };
    await recordAudit(tx, {
      action: 'key.changed',
      actor,
      appId,
      target: keyId,
      requestId,
      detail,
    });
    return ok(row);
  });
}
