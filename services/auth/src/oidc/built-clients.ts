import type { Sql } from '@clearinghouse/shared';
import type { Provider, Client as ProviderClient } from 'oidc-provider';
import type { FindClient } from '../clients/client-cache.ts';
import { hasLiveSecret } from '../clients/client-store.ts';
import { compareSecret } from '../clients/compare-secret.ts';
import { hashSecret } from '../secrets/generated-secret.ts';
import { secretsOf } from './client-metadata.ts';

type BuiltClientsDeps = { readonly db: Sql; readonly findClient: FindClient };

/** Makes the library's clients ours: their subjects, their secrets, and for how long they last. */
export function adaptClients(provider: Provider, deps: BuiltClientsDeps): void {
  // The library's own setting would ask every device client for a `jwks_uri` (Core 8.1 derives
  // subjects from hosts; ours come from the app, so that no host is needed).
  Object.defineProperty(provider.Client.prototype as object, 'subjectType', {
    get(this: { ch_subject_type?: string }) {
      return this.ch_subject_type ?? 'pairwise';
    },
    set: () => undefined,
  });
  const isFromMemory = keepBuiltClients(provider, deps);
  provider.Client.prototype.compareClientSecret = async function compare(actual: string) {
    if (compareSecret(secretsOf(this.ch_secrets), actual, new Date())) return true;
    // One that memory does not know may have been made a moment ago. To look costs a read, which an
    // unknown client costs too: the time of a refusal does not tell the two apart.
    return isFromMemory(this) && hasLiveSecret(deps.db, this.clientId, hashSecret(actual));
  };
}

/**
 * The library hashes a client's whole metadata at each request to find what it built of it before.
 * Ours is the same object for as long as it is believed, which tells the same for nothing.
 *
 * @returns whether a client was not read from the database when it was last asked for.
 */
function keepBuiltClients(
  provider: Provider,
  deps: BuiltClientsDeps,
): (client: ProviderClient) => boolean {
  const { Client } = provider;
  const build = Client.find.bind(Client);
  const built = new WeakMap<object, ProviderClient>();
  const fromMemory = new WeakSet<ProviderClient>();
  Client.find = async (id) => {
    const ours = typeof id === 'string' && id !== '' ? await deps.findClient(id) : undefined;
    if (!ours) return undefined;
    const known = built.get(ours);
    if (known) {
      fromMemory.add(known);
      return known;
    }
    const client = await build(id);
    if (client) built.set(ours, client);
    return client;
  };
  return (client) => fromMemory.has(client);
}
