import { newId, type Outcome, ok, refused } from '@clearinghouse/shared';
import { findApp } from '../apps/app-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import type { ClientMetadata } from './client-metadata-body.ts';
import { insertClient, replaceSecret } from './client-store.ts';

export type WebClientInput = {
  readonly appId: string;
  readonly name: string;
  readonly metadata: ClientMetadata;
  readonly actor: string;
  readonly requestId?: string | undefined;
};

/**
 * Makes a confidential client of an app, for people who sign in on a server: its secret is shown
 * this once.
 *
 * @returns `not_found` for an unknown app.
 */
export async function createWebClient(
  deps: ChangeIdentityDeps,
  input: WebClientInput,
): Promise<Outcome<{ clientId: string; clientSecret: string }, 'not_found'>> {
  const { appId, name, metadata, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    if (!(await findApp(tx, appId))) return refused('not_found');
    const clientId = newId('web');
    const clientSecret = mintSecret('lp_cs_');
    await insertClient(tx, { id: clientId, appId, kind: 'web', name, scopes: [], metadata });
    await replaceSecret(tx, { clientId, sha256: hashSecret(clientSecret), overlapSec: 0 });
    record({ kind: 'client', id: clientId, appId, status: 'active' });
    await recordAudit(tx, { action: 'client.created', actor, appId, target: clientId, requestId });
    return ok({ clientId, clientSecret });
  });
}
