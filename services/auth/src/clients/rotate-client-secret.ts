import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { findClient, replaceSecret } from './client-store.ts';

export type RotationRefusal = 'not_found' | 'suspended' | 'conflict' | 'insufficient_scope';

/**
 * Gives a confidential client a new secret, shown this once.
 *
 * @param input.overlapSec seconds for which the previous secret stays valid; 0 ends it now.
 * @returns the secret; `not_found` for a public or unknown client or one of another app;
 * `suspended` when the client is revoked; `conflict` for one that proves itself by its own key;
 * `insufficient_scope` for a machine with scopes that the asker has not.
 */
export async function rotateClientSecret(
  deps: ChangeIdentityDeps,
  input: {
    appId: string | null;
    clientId: string;
    overlapSec: number;
    /** What whoever asks may give away: a machine's secret stands for all of its scopes. */
    mayGive: readonly string[];
    actor: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<{ clientSecret: string }, RotationRefusal>> {
  const client = await findClient(deps.db, input.clientId);
  if (!client || client.kind === 'public' || client.appId !== input.appId) {
    return refused('not_found');
  }
  const isOwn = client.id === input.actor;
  if (!isOwn && !client.scopes.every((scope) => input.mayGive.includes(scope))) {
    return refused('insufficient_scope');
  }
  if (client.status === 'revoked') return refused('suspended');
  const hasKey = client.metadata.token_endpoint_auth_method === 'private_key_jwt';
  if (hasKey) return refused('conflict');
  const clientSecret = mintSecret('lp_cs_');
  await changeIdentity(deps, async (tx, record) => {
    await replaceSecret(tx, {
      clientId: client.id,
      sha256: hashSecret(clientSecret),
      overlapSec: input.overlapSec,
      createdBy: input.actor,
    });
    await recordAudit(tx, {
      action: 'client.secret_rotated',
      actor: input.actor,
      appId: client.appId ?? undefined,
      target: client.id,
      requestId: input.requestId,
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
