import { newId, type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { findApp } from '../apps/app-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret } from '../secrets/generated-secret.ts';
import type { AppClientKind, Client } from './client.ts';
import type { ClientMetadata } from './client-metadata-body.ts';
import { countClients, insertClient, replaceSecret } from './client-store.ts';
import { unfitMetadata } from './unfit-metadata.ts';

export type CreateClientInput = {
  readonly appId: string;
  readonly kind: AppClientKind;
  readonly name: string;
  /** Of a machine: what it may ask for. */
  readonly scopes: readonly string[];
  readonly metadata: ClientMetadata;
  /** What whoever asks may give away. */
  readonly mayGive: readonly string[];
  readonly actor: string;
  readonly requestId?: string | undefined;
};

export type CreatedClient = {
  readonly clientId: string;
  readonly kind: AppClientKind;
  /** Shown this once; a public client and one with keys of its own have none. */
  readonly clientSecret?: string;
};

const PREFIXES = { public: 'app', machine: 'm2m', web: 'web' } as const;

/**
 * Makes a client of an app: public, for programs that can keep no secret; web, for people who sign
 * in on a server; machine, for a backend of its own.
 *
 * @returns `not_found` for an unknown app; `insufficient_scope` for scopes that the asker has not;
 * `invalid_request` for metadata that such a client has not; `conflict` when the app has too many.
 */
export async function createClient(
  deps: ChangeIdentityDeps,
  input: CreateClientInput,
): Promise<
  Outcome<CreatedClient, 'not_found' | 'insufficient_scope' | 'invalid_request' | 'conflict'>
> {
  const { appId, kind, scopes, mayGive, metadata, actor, requestId } = input;
  if (!scopes.every((scope) => mayGive.includes(scope))) return refused('insufficient_scope');
  const unfit = unfitMetadata(kind, { metadata, scopes });
  if (unfit !== undefined) return refused('invalid_request', unfit);
  return changeIdentity(deps, async (tx, record) => {
    if (!(await findApp(tx, appId))) return refused('not_found');
    await tx`select 1 from auth.apps where id = ${appId} for no key update`;
    if ((await countClients(tx, appId)) >= LIMITS.clientsPerAppMax) return refused('conflict');
    const clientId = newId(PREFIXES[kind]);
    await insertClient(tx, { ...input, id: clientId });
    const clientSecret = await giveSecret(tx, { id: clientId, kind, metadata, actor });
    record({ kind: 'client', id: clientId, appId, status: 'active' });
    const entry = { action: 'client.created', actor, appId, target: clientId, requestId };
    await recordAudit(tx, { ...entry, detail: { kind, scopes: scopes.join(' ') } });
    return ok({ clientId, kind, ...(clientSecret === undefined ? {} : { clientSecret }) });
  });
}

/** A secret for those that prove themselves by one. */
async function giveSecret(
  tx: Transaction,
  client: Pick<Client, 'id' | 'kind' | 'metadata'> & { readonly actor: string },
): Promise<string | undefined> {
  const hasKey = client.metadata.token_endpoint_auth_method === 'private_key_jwt';
  if (client.kind === 'public' || hasKey) return undefined;
  const secret = mintSecret('lp_cs_');
  const sha256 = hashSecret(secret);
  await replaceSecret(tx, { clientId: client.id, sha256, overlapSec: 0, createdBy: client.actor });
  return secret;
}
