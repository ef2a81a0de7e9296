import { newId, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { MACHINE_SCOPES } from '../clients/client.ts';
import { insertClient, replaceSecret } from '../clients/client-store.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import { insertApp } from './app-store.ts';

/** A new app with its two clients; the secret is shown this once. */
export type CreatedApp = {
  readonly app: { id: string; name: string; status: 'active' };
  readonly publicClientId: string;
  readonly machine: { clientId: string; clientSecret: string; scopes: readonly string[] };
};

/**
 * Creates an app, its public client (which has the app's id) and its machine client.
 *
 * @param record tells of the principals that now exist, see `changeIdentity`.
 */
export async function createApp(
  deps: { tx: Transaction; record: (change: IdentityChange) => void },
  input: { name: string; actor: string; requestId?: string | undefined },
): Promise<CreatedApp> {
  const { tx, record } = deps;
  const appId = newId('app');
  const clientId = newId('m2m');
  const clientSecret = mintSecret('lp_cs_');
  const { name, actor, requestId } = input;
  await insertApp(tx, { id: appId, name });
  await insertClient(tx, { id: appId, appId, kind: 'public', name, scopes: [] });
  const machine = { id: clientId, appId, kind: 'machine', name: `${name} backend` } as const;
  await insertClient(tx, { ...machine, name: machine.name.slice(0, 200), scopes: MACHINE_SCOPES });
  const sha256 = hashSecret(clientSecret);
  await replaceSecret(tx, { clientId, sha256, overlapSec: 0, createdBy: actor });
  await recordAudit(tx, { action: 'app.created', actor, appId, target: appId, requestId });
  record({ kind: 'app', id: appId, appId, status: 'active' });
  record({ kind: 'client', id: appId, appId, status: 'active' });
  record({ kind: 'client', id: clientId, appId, status: 'active' });
  return {
    app: { id: appId, name, status: 'active' },
    publicClientId: appId,
    machine: { clientId, clientSecret, scopes: MACHINE_SCOPES },
  };
}
