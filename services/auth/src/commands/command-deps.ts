import { connectDatabase, type Sql } from '@clearinghouse/shared';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';

/** What a one-shot command works with: one connection, and notices instead of the queue. */
export type CommandDeps = ChangeIdentityDeps & { readonly db: Sql };

/** Opens a command's connection. Its changes are new identities, which no cache can hold yet. */
export function openCommandDeps(databaseUrl: string): CommandDeps {
  const db = connectDatabase({
    url: databaseUrl,
    applicationName: 'auth-command',
    connectionsMax: 2,
  });
  return { db, announce: () => undefined };
}
