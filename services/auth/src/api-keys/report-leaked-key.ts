import type { RecordRefusal } from '../audit/record-refusal.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { type Peppers, pepperHash } from '../secrets/pepper.ts';
import { findKeysByHmac } from './api-key-store.ts';
import { parseApiKey } from './parse-api-key.ts';
import { revokeApiKey } from './revoke-api-key.ts';

export type ReportLeakDeps = ChangeIdentityDeps & {
  readonly peppers: Peppers;
  readonly recordRefusal: RecordRefusal;
  /** Tells the people of the app; never fails. */
  readonly notifyLeak: (leak: { appId: string; keyId: string; where: string | undefined }) => void;
};

/**
 * Takes a key that somebody found in public: whoever holds it may have it revoked, and nothing
 * else. The answer is the same whether there is such a key or not.
 */
export async function reportLeakedKey(
  deps: ReportLeakDeps,
  report: { key: string; where?: string | undefined; requestId?: string | undefined },
): Promise<void> {
  const presented = parseApiKey(report.key);
  if (!presented) return;
  const hmacs = deps.peppers.map((pepper) => pepperHash(pepper, presented.sha256));
  const [found] = await findKeysByHmac(deps.db, hmacs);
  if (!found || found.revokedAt !== null) return;
  const { id: keyId, appId } = found;
  await revokeApiKey(deps, {
    appId,
    keyId,
    reason: 'reported as leaked',
    actor: 'leak report',
    requestId: report.requestId,
  });
  deps.notifyLeak({ appId, keyId, where: report.where });
}
