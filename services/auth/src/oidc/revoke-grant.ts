import { recordAudit } from '../audit/record-audit.ts';
import { findClient } from '../clients/client-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { deleteGrant } from './artifact-store.ts';

/** Revokes a grant: its tokens are deleted, and those that outlive deletion (JWTs) stopped. */
export async function revokeGrant(deps: ChangeIdentityDeps, grantId: string): Promise<void> {
  await changeIdentity(deps, async (tx, record) => {
    const clientId = await deleteGrant(tx, grantId);
    if (clientId === undefined) return;
    const client = await findClient(tx, clientId);
    const appId = client?.appId ?? clientId;
    record({ kind: 'grant', id: grantId, appId, status: 'revoked' });
    await recordAudit(tx, { action: 'grant.revoked', actor: clientId, appId, target: grantId });
  });
}
