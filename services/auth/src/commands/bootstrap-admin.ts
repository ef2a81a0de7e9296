import { newId, type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { ADMIN_SCOPE } from '../clients/client.ts';
import { insertClient, replaceSecret } from '../clients/client-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { claimStep, findStep, writeStepDetail } from './installation-store.ts';

export type AdminCredentials = { readonly clientId: string; readonly clientSecret: string };

type WriteDeps = { tx: Transaction; record: (change: IdentityChange) => void };

/**
 * Creates the operator's admin client, its secret shown this once. Whoever may run this command
 * has the database's secret, so it may also replace a lost secret, when asked to.
 *
 * @returns `conflict` when there is one and `rotate` is not set.
 */
export async function bootstrapAdmin(
  deps: ChangeIdentityDeps,
  input: { rotate: boolean },
): Promise<Outcome<AdminCredentials, 'conflict'>> {
  return changeIdentity(deps, async (tx, record) => {
    const known = await findStep(tx, 'admin');
    if (known === undefined) return ok(await writeAdminClient({ tx, record }, { actor: 'cli' }));
    if (!input.rotate) return refused('conflict');
    const clientId = String(known.clientId);
    const clientSecret = mintSecret('lp_cs_');
    const sha256 = hashSecret(clientSecret);
    await replaceSecret(tx, { clientId, sha256, overlapSec: 0, createdBy: 'cli' });
    await recordAudit(tx, { action: 'admin.secret_rotated', actor: 'cli', target: clientId });
    record({ kind: 'client', id: clientId, appId: clientId, status: 'active' });
    return ok({ clientId, clientSecret });
  });
}

/** Writes the admin client inside a transaction of the caller. */
export async function writeAdminClient(
  deps: WriteDeps,
  input: { actor: string },
): Promise<AdminCredentials> {
  const { tx, record } = deps;
  const clientId = newId('m2m');
  const clientSecret = mintSecret('lp_cs_');
  await claimStep(tx, 'admin');
  await insertClient(tx, {
    id: clientId,
    appId: null,
    kind: 'admin',
    name: 'Operator',
    scopes: [ADMIN_SCOPE],
  });
  const sha256 = hashSecret(clientSecret);
  await replaceSecret(tx, { clientId, sha256, overlapSec: 0, createdBy: 'cli' });
  await writeStepDetail(tx, 'admin', { clientId });
  await recordAudit(tx, { action: 'admin.created', actor: input.actor, target: clientId });
  record({ kind: 'client', id: clientId, appId: clientId, status: 'active' });
  return { clientId, clientSecret };
}
