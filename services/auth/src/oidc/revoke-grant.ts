import type { Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { findClient } from '../clients/client-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { deleteGrant } from './artifact-store.ts';

/** Revokes a grant: its tokens are deleted, and those that outlive deletion (JWTs) stopped. */
export async function revokeGrant(
  deps: ChangeIdentityDeps,
  grantId: string,
  reason?: string,
): Promise<void> {
  await changeIdentity(deps, (tx, record) => revokeGrantIn(tx, record, { grantId, reason }));
}

/** The same within a transaction that changes more. */
export async function revokeGrantIn(
  tx: Transaction,
  record: (change: IdentityChange) => void,
  input: {
    grantId: string;
    reason?: string | undefined;
    /** Who takes it back; the client that holds it, when nobody else does. */
    actor?: string | undefined;
    requestId?: string | undefined;
  },
): Promise<void> {
  const { grantId, reason, requestId } = input;
  const clientId = await deleteGrant(tx, grantId);
  if (clientId === undefined) return;
  const client = await findClient(tx, clientId);
  const appId = client?.appId ?? clientId;
  record({ kind: 'grant', id: grantId, appId, status: 'revoked' });
  const action = 'grant.revoked';
  const actor = input.actor ?? clientId;
  await recordAudit(tx, { action, actor, appId, target: grantId, reason, requestId });
}
