import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { type ClientMetadata, clientMetadataSchema } from './client-metadata-body.ts';
import { findClient, markClientRevoked, updateClient } from './client-store.ts';
import { unfitMetadata } from './unfit-metadata.ts';

type Who = {
  readonly appId: string;
  readonly clientId: string;
  readonly actor: string;
  readonly requestId?: string | undefined;
};

export type ChangedClient = {
  readonly scopes: readonly string[];
  readonly metadata: ClientMetadata;
};

/**
 * Changes what a client says of itself; null takes a member away, what is left out stays. Holds at
 * the next request on every replica.
 *
 * @returns the client as it is now; `not_found`; `invalid_request` when the members no longer fit
 * together; `insufficient_scope` for a machine with scopes that the asker has not.
 */
export async function changeClient(
  deps: ChangeIdentityDeps,
  input: Who & {
    name?: string | undefined;
    /** Of a machine: what it may ask for from now on. */
    scopes?: readonly string[] | undefined;
    /** What whoever asks may give away. */
    mayGive: readonly string[];
    metadata: { readonly [K in keyof ClientMetadata]?: ClientMetadata[K] | null };
  },
): Promise<Outcome<ChangedClient, 'not_found' | 'invalid_request' | 'insufficient_scope'>> {
  const { appId, clientId, actor, requestId, mayGive } = input;
  return changeIdentity(deps, async (tx, record) => {
    const client = await findClient(tx, clientId);
    if (!client || client.appId !== appId) return refused('not_found');
    // Whoever changes how a machine proves itself has all that it has.
    const given = [...client.scopes, ...(input.scopes ?? [])];
    if (!given.every((scope) => mayGive.includes(scope))) return refused('insufficient_scope');
    const merged = Object.entries({ ...client.metadata, ...input.metadata });
    const parsed = clientMetadataSchema.safeParse(
      Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)),
    );
    if (!parsed.success)
      return refused('invalid_request', `metadata: ${parsed.error.issues[0]?.message}`);
    const metadata = parsed.data;
    const { name = client.name, scopes = client.scopes } = input;
    const unfit = unfitMetadata(client.kind, { metadata, scopes });
    if (unfit !== undefined) return refused('invalid_request', unfit);
    if (!(await updateClient(tx, { id: clientId, appId, name, scopes, metadata }))) {
      return refused('not_found');
    }
    record({ kind: 'client', id: clientId, appId, status: client.status });
    const changed = [...Object.keys(input.metadata), ...(input.scopes ? ['scopes'] : [])];
    const detail = { changed: changed.join(' ') };
    const entry = { action: 'client.changed', actor, appId, target: clientId, requestId, detail };
    await recordAudit(tx, entry);
    return ok({ scopes, metadata });
  });
}

/**
 * Revokes a client for good, with every token it holds.
 *
 * @returns `not_found` for an unknown client of the app, and for the one with the app's own id, which
 * stands and falls with the app; `conflict` for the client that asks; `insufficient_scope` for a
 * machine with scopes that the asker has not.
 */
export async function revokeClient(
  deps: ChangeIdentityDeps,
  input: Who & { mayGive: readonly string[] },
): Promise<Outcome<undefined, 'not_found' | 'conflict' | 'insufficient_scope'>> {
  const { appId, clientId, actor, requestId, mayGive } = input;
  if (clientId === appId) return refused('not_found');
  if (clientId === actor) return refused('conflict');
  return changeIdentity(deps, async (tx, record) => {
    const client = await findClient(tx, clientId);
    if (client?.appId !== appId) return refused('not_found');
    if (!client.scopes.every((scope) => mayGive.includes(scope))) {
      return refused('insufficient_scope');
    }
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
