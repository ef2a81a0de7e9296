import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { type ClientMetadata, clientMetadataSchema } from './client-metadata-body.ts';
import { findClient, markClientRevoked, updateClient } from './client-store.ts';

type Who = {
  readonly appId: string;
  readonly clientId: string;
  readonly actor: string;
  readonly requestId?: string | undefined;
};

/**
 * Changes what a client says of itself; null takes a member away, what is left out stays. Holds at
 * the next request on every replica.
 *
 * @returns the metadata as it is now; `not_found`; `invalid_request` when the members no longer fit
 * together.
 */
export async function changeClient(
  deps: ChangeIdentityDeps,
  input: Who & {
    name?: string | undefined;
    metadata: { readonly [K in keyof ClientMetadata]?: ClientMetadata[K] | null };
  },
): Promise<Outcome<ClientMetadata, 'not_found' | 'invalid_request'>> {
  const { appId, clientId, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const client = await findClient(tx, clientId);
    if (!client || client.appId !== appId || client.kind === 'machine') return refused('not_found');
    const merged = Object.entries({ ...client.metadata, ...input.metadata });
    const parsed = clientMetadataSchema.safeParse(
      Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)),
    );
    if (!parsed.success) return refused('invalid_request', parsed.error.issues[0]?.message);
    const metadata = parsed.data;
    const name = input.name ?? client.name;
    if (!(await updateClient(tx, { id: clientId, appId, name, metadata }))) {
      return refused('not_found');
    }
    record({ kind: 'client', id: clientId, appId, status: client.status });
    const detail = { changed: Object.keys(input.metadata).join(' ') };
    const entry = { action: 'client.changed', actor, appId, target: clientId, requestId, detail };
    await recordAudit(tx, entry);
    return ok(metadata);
  });
}

/**
 * Revokes a client for good, with every token it holds.
 *
 * @returns `not_found` for an unknown client of the app, and for its first two, which stand and fall
 * with the app.
 */
export async function revokeClient(
  deps: ChangeIdentityDeps,
  input: Who,
): Promise<Outcome<undefined, 'not_found'>> {
  const { appId, clientId, actor, requestId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const client = await findClient(tx, clientId);
    if (client?.kind !== 'web' || client.appId !== appId) return refused('not_found');
    if (await markClientRevoked(tx, { appId, clientId })) {
      await recordAudit(tx, {
        action: 'client.revoked',
        actor,
        appId,
        target: clientId,
        requestId,
      });
    }
    record({ kind: 'client', id: clientId, appId, status: 'revoked' });
    return ok(undefined);
  });
}
