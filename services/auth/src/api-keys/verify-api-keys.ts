import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import type { RecordRefusal } from '../audit/record-refusal.ts';
import { type Peppers, pepperHash } from '../secrets/pepper.ts';
import type { KeyWithOwner } from './api-key.ts';
import { findKeysByHmac, updateKeyHmac } from './api-key-store.ts';

export type VerifyApiKeysDeps = {
  readonly db: Sql;
  readonly peppers: Peppers;
  readonly recordRefusal: RecordRefusal;
  /** Remembers that a key was used; written to the database in batches. */
  readonly markUsed: (keyId: string) => void;
};

/** One key that was presented. */
export type KeyToVerify = {
  readonly sha256: Buffer;
  /** The key came with an `Origin` header, from a browser. */
  readonly fromBrowser: boolean;
  /** The app the key must belong to, when the caller named one. */
  readonly appId?: string | undefined;
};

export type KeyRefusal = 'invalid_token' | 'suspended' | 'browser_key_refused';

/**
 * Whose keys are these? One query for all of them, nothing cached: a revocation holds from the
 * next call on. Callers learn no more than that a key is refused; the audit log says why.
 *
 * @param surface where the keys were presented, for the audit log.
 * @returns one answer for each key, in their order.
 */
export async function verifyApiKeys(
  deps: VerifyApiKeysDeps,
  keys: readonly KeyToVerify[],
  surface: string,
): Promise<Outcome<KeyWithOwner, KeyRefusal>[]> {
  const hashed = keys.map((key) => deps.peppers.map((pepper) => pepperHash(pepper, key.sha256)));
  const rows = await findKeysByHmac(deps.db, hashed.flat());
  const found = new Map(rows.map((row) => [row.keyHmac.toString('base64'), row]));
  const answers: Outcome<KeyWithOwner, KeyRefusal>[] = [];
  for (const [index, key] of keys.entries()) {
    const hmacs = hashed[index] ?? [];
    const row = hmacs.map((hmac) => found.get(hmac.toString('base64'))).find(Boolean);
    const answer = judge(row, key);
    if (!answer.ok) {
      const { detail: reason = answer.code } = answer;
      deps.recordRefusal({ keyId: row?.id, appId: row?.appId, reason, surface });
    } else {
      deps.markUsed(answer.value.id);
      await renewHash(deps, row, hmacs[0]);
    }
    answers.push(answer);
  }
  return answers;
}

function judge(row: KeyWithOwner | undefined, key: KeyToVerify): Outcome<KeyWithOwner, KeyRefusal> {
  if (!row) return refused('invalid_token', 'unknown key');
  if (row.revokedAt !== null) return refused('invalid_token', 'revoked');
  if (row.expiresAt.getTime() <= Date.now()) return refused('invalid_token', 'expired');
  if (key.appId !== undefined && key.appId !== row.appId) {
    return refused('invalid_token', 'key of another app');
  }
  if (row.userDeleted) return refused('invalid_token', 'user deleted');
  if (key.fromBrowser && row.kind === 'secret') {
    return refused('browser_key_refused', 'secret key in browser');
  }
  if (row.appStatus !== 'active') return refused('suspended', 'app suspended');
  if (row.userStatus === 'inactive') return refused('suspended', 'user inactive');
  return ok(row);
}

async function renewHash(
  deps: VerifyApiKeysDeps,
  row: { id: string; pepperVersion: number } | undefined,
  newest: Buffer | undefined,
): Promise<void> {
  const { version } = deps.peppers[0];
  if (!row || !newest || row.pepperVersion === version) return;
  await updateKeyHmac(deps.db, { id: row.id, keyHmac: newest, pepperVersion: version });
}
