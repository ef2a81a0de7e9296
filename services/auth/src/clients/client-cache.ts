import type { Logger, Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import type { Client } from './client.ts';
import { findClient } from './client-store.ts';

/** The channel on which the database names a client that changed; empty when many did. */
export const CLIENTS_CHANNEL = 'auth_clients_changed';

export type FindClient = (id: string) => Promise<Client | undefined>;

/** Clients of the issuer, as they stand in the database a moment ago. */
export type ClientCache = {
  readonly find: FindClient;
  readonly stop: () => Promise<void>;
};

type Kept = { readonly client: Client; readonly untilMs: number };

/**
 * Keeps clients that were found for five seconds at most, the bound of every cache of credentials.
 * The database names each client that changes, with its commit, so that a change holds on every
 * replica at once; nothing is kept while no such notice can be heard. Unknown clients are never
 * kept.
 */
export function createClientCache(deps: {
  db: Sql;
  log: Logger;
  nowMs: () => number;
}): ClientCache {
  const { db, log, nowMs } = deps;
  const kept = new Map<string, Kept>();
  // Counts the notices: what was read before one came may be what it was about.
  let notices = 0;
  let hears = false;
  const drop = (id: string) => {
    notices += 1;
    if (id === '') kept.clear();
    else kept.delete(id);
  };
  const listening = db
    .listen(CLIENTS_CHANNEL, drop, () => {
      drop('');
      hears = true;
    })
    .catch((err: unknown) => {
      log.warn({ err }, 'not listening for clients; each is read at each request');
      return undefined;
    });
  return {
    find: async (id) => {
      const known = kept.get(id);
      const now = nowMs();
      if (known && known.untilMs > now) return known.client;
      const before = notices;
      const client = await findClient(db, id);
      if (client && hears && before === notices) {
        if (kept.size >= LIMITS.clientsKeptMax) kept.clear();
        kept.set(id, { client, untilMs: now + LIMITS.clientKeptMs });
      }
      return client;
    },
    stop: async () => {
      hears = false;
      kept.clear();
      await (await listening)?.unlisten();
    },
  };
}
