import type { Sql } from '@clearinghouse/shared';
import { type ClientLine, findClientsOfApp } from './client-store.ts';

/** The clients of an app, with what they say of themselves; never a secret. */
export async function listClients(
  deps: { readonly db: Sql },
  input: { readonly appId: string },
): Promise<ClientLine[]> {
  return findClientsOfApp(deps.db, input.appId);
}
