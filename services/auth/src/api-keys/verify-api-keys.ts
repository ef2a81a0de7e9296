import type { Outcome, Sql } from '@clearinghouse/shared';
import type { RecordRefusal } from '../audit/record-refusal.ts';
import { type Peppers, pepperHash } from '../secrets/pepper.ts';
import type { KeyWithOwner } from './api-key.ts';
import { findKeysByHmac, updateKeyHmac } from './api-key-store.ts';
import { judgeKeyUse, type KeyRefusal, type KeyUse } from './judge-key-use.ts';

export type VerifyApiKeysDeps = {
  readonly db: Sql;
  readonly peppers: Peppers;
  readonly recordRefusal: RecordRefusal;
  /** Remembers that a key was used; written to the database in batches. */
  readonly markUsed: (keyId: string, ip?: string) => void;
};

/** One key that was presented, and for what. */
export type KeyToVerify = KeyUse & { readonly sha256: Buffer };

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
    const answer = judgeKeyUse(row, key, Date.now());
    if (!answer.ok) {
      const { detail: reason = answer.code } = answer;
      deps.recordRefusal({ keyId: row?.id, appId: row?.appId, reason, surface });
    } else {
      deps.markUsed(answer.value.id, key.ip);
      await renewHash(deps, row, hmacs[0]);
    }
    answers.push(answer);
  }
  return answers;
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
