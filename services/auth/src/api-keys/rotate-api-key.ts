import { newId, type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret, type SecretPrefix } from '../secrets/generated-secret.ts';
import { pepperHash } from '../secrets/pepper.ts';
import {
  countLiveKeys,
  endAfterOverlap,
  hasSuccessor,
  insertApiKey,
  lockKey,
  lockKeysOfApp,
} from './api-key-store.ts';
import type { CreateApiKeyDeps, CreatedApiKey } from './create-api-key.ts';

/** An app that has all the keys it may have can still rotate each of them. */
const WITH_SUCCESSORS = 2;

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
 * @returns `not_found` when the app has no such key, `conflict` when it is revoked, has ended, was
 * rotated before, or when the app has too many keys beside their successors.
 */
export async function rotateApiKey(
  deps: CreateApiKeyDeps,
  input: RotateApiKeyInput,
): Promise<Outcome<RotatedApiKey, 'not_found' | 'conflict'>> {
  const { appId, keyId, overlapSec, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    await lockKeysOfApp(tx, appId);
    const old = await lockKey(tx, { appId, keyId });
    if (!old) return refused('not_found');
    const hasEnded = old.revokedAt !== null || old.expiresAt.getTime() <= Date.now();
    if (hasEnded || (await hasSuccessor(tx, keyId))) return refused('conflict');
    const tooMany = LIMITS.apiKeysPerAppMax * WITH_SUCCESSORS;
    if ((await countLiveKeys(tx, appId)) >= tooMany) return refused('conflict', 'too many keys');
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
    // Without an overlap it ends like a revoked one: whoever remembers it hears of it.
    if (overlapSec === 0) record({ kind: 'key', id: keyId, appId, status: 'revoked' });
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
