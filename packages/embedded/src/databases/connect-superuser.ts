import { connectDatabase, type Sql } from '@clearinghouse/shared';

const STATEMENT_TIMEOUT_MS = 60_000;

/** One connection for DDL, to the database of the URL or to another one on its server. */
export function connectSuperuser(url: string, database?: string): Sql {
  return connectDatabase({
    url: database === undefined ? url : withDatabase(url, database),
    applicationName: 'clearinghouse-provision',
    connectionsMax: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
}

/** The same connection URL with another database. */
export function withDatabase(url: string, database: string): string {
  const copy = new URL(url);
  copy.pathname = `/${encodeURIComponent(database)}`;
  return copy.href;
}
