import { createNoticedCache, type NoticedCacheDeps } from '../db/noticed-cache.ts';
import { LIMITS } from '../limits.ts';
import type { Client } from './client.ts';
import { findClient } from './client-store.ts';

/** The channel on which the database names a client that changed; empty when many did. */
export const CLIENTS_CHANNEL = 'auth_clients_changed';

export type FindClient = (id: string) => Promise<Client | undefined>;
/** A client that was read not long ago; undefined says nothing. */
export type PeekClient = (id: string) => Client | undefined;

/** Clients of the issuer, as they stood in the database a moment ago. */
export type ClientCache = {
  readonly find: FindClient;
  readonly peek: PeekClient;
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Keeps clients that were found for five seconds at most, the bound of every cache of credentials;
 * one that changes is forgotten at once. Unknown clients are never kept.
 */
export function createClientCache(deps: NoticedCacheDeps): ClientCache {
  const { clientKeptMs, clientsKeptMax } = LIMITS;
  const cache = createNoticedCache(deps, {
    channel: CLIENTS_CHANNEL,
    keptMs: clientKeptMs,
    entriesMax: clientsKeptMax,
    namesKeys: true,
    read: (id) => findClient(deps.db, id),
    keepMs: (client) => (client ? clientKeptMs : 0),
  });
  return { find: cache.get, peek: cache.peek, forget: cache.forget, stop: cache.stop };
}
