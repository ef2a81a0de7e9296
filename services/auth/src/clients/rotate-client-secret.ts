import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { findClient, replaceSecret } from './client-store.ts';

/**
 * Gives a confidential client a new secret, shown this once.
 *
 * @param input.overlapSec seconds for which the previous secret stays valid; 0 ends it now.
 * @returns the secret; `not_found` for a public or unknown client or one of another app;
 * `suspended` when the client is revoked.
 */
export async function rotateClientSecret(
  deps: ChangeIdentityDeps,
  input: { appId: string | null; clientId: string; overlapSec: number; actor: string },
): Promise<Outcome<{ clientSecret: string }, 'not_found' | 'suspended'>> {
  const client = await findClient(deps.db, input.clientId);
  if (!client || client.kind === 'public' || client.appId !== input.appId) {
    return refused('not_found');
  }
  if (client.status === 'revoked') return refused('suspended');
  const clientSecret = mintSecret('lp_cs_');
  await changeIdentity(deps, async (tx, record) => {
    await replaceSecret(tx, {
      clientId: client.id,
      sha256: hashSecret(clientSecret),
      overlapSec: input.overlapSec,
    });
    await recordAudit(tx, {
      action: 'client.secret_rotated',
      actor: input.actor,
      appId: client.appId ?? undefined,
      target: client.id,
      detail: { overlapSec: input.overlapSec },
    });
    record({
      kind: 'client',
      id: client.id,
      appId: client.appId ?? client.id,
      status: client.status,
    });
  });
  return ok({ clientSecret });
}
