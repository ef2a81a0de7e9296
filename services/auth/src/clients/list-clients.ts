import type { Sql } from '@clearinghouse/shared';
import { type ClientLine, findClientsOfApp } from './client-store.ts';

/** A page of an app's clients, with what they say of themselves; never a secret. */
export async function listClients(
  deps: { readonly db: Sql },
  input: { readonly appId: string; readonly limit: number; readonly after?: string | undefined },
): Promise<ClientLine[]> {
  return findClientsOfApp(deps.db, input.appId, input.limit, input.after);
}
