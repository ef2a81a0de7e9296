import { newId, type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { hashSecret, mintSecret, type SecretPrefix } from '../secrets/generated-secret.ts';
import { pepperHash } from '../secrets/pepper.ts';
import { endAfterOverlap, hasSuccessor, insertApiKey, lockKey } from './api-key-store.ts';
import type { CreateApiKeyDeps, CreatedApiKey } from './create-api-key.ts';

export type RotateApiKeyInput = {
  readonly appId: string;
  readonly keyId: string;
  /** For how long the old key stays good beside its successor; 0 ends it now. */
  readonly overlapSec: number;
  readonly actor: string;
  readonly requestId?: string | undefined;
};

/** The successor, shown this once, and when the old key ends. */
export type RotatedApiKey = { readonly successor: CreatedApiKey; readonly oldEndsAt: Date };

/**
 * Makes a key that takes the place of another: with its settings and the same time to live; both
 * are good during the overlap.
 *
 * @returns `not_found` when the app has no such key, `conflict` when it is revoked, has ended, or
 * was rotated before.
 */
export async function rotateApiKey(
  deps: CreateApiKeyDeps,
  input: RotateApiKeyInput,
): Promise<Outcome<RotatedApiKey, 'not_found' | 'conflict'>> {
  const { appId, keyId, overlapSec, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const old = await lockKey(tx, { appId, keyId });
    if (!old) return refused('not_found');
    const hasEnded = old.revokedAt !== null || old.expiresAt.getTime() <= Date.now();
    if (hasEnded || (await hasSuccessor(tx, keyId))) return refused('conflict');
    const prefix: SecretPrefix = `lp_${old.kind === 'secret' ? 'sk' : 'pk'}_${old.mode}_`;
    const key = mintSecret(prefix);
    const [pepper] = deps.peppers;
    const lifeMs = old.expiresAt.getTime() - old.createdAt.getTime();
    const row = await insertApiKey(tx, {
      ...old,
      id: newId('key'),
      rotatedFrom: old.id,
      displayPrefix: prefix,
      last4: key.slice(-4),
      expiresAt: new Date(Date.now() + lifeMs),
      keyHmac: pepperHash(pepper, hashSecret(key)),
      pepperVersion: pepper.version,
      createdBy: actor,
    });
    const oldEndsAt = await endAfterOverlap(tx, { keyId, overlapSec });
    record({ kind: 'key', id: row.id, appId, status: 'active' });
    const detail = { successor: row.id, overlapSec };
    await recordAudit(tx, {
      action: 'key.rotated',
      actor,
      appId,
      target: keyId,
      requestId,
      detail,
    });
    return ok({ successor: { ...row, key }, oldEndsAt });
  });
}
