import postgres from 'postgres';
import { openLastingSocket } from './lasting-socket.ts';

/** A pool of connections of postgres.js; a transaction has the same shape. */
export type Sql = postgres.Sql<{ bigint: bigint; numeric: string }>;

/** A transaction: what `sql.begin` hands to its callback. */
export type Transaction = postgres.TransactionSql<{ bigint: bigint; numeric: string }>;

/** Either: what most stores take, so that an operation can run inside a transaction. */
export type Database = Sql | Transaction;

/** Settings of a pool; every one has a bound. */
export type ConnectOptions = {
  readonly url: string;
  readonly applicationName: string;
  readonly connectionsMax?: number;
  readonly statementTimeoutMs?: number;
  /**
   * Kinds of parameters besides int8 and numeric. When given, the driver does not ask the server
   * for its types: a connection that dies during that question would end the process.
   */
  readonly parameterTypes?: Readonly<Record<string, postgres.PostgresType>>;
};

const FIRST_TRY_SEC = 0.05;
const NEXT_TRY_MAX_SEC = 1;
const INT8_OID = 20;
const NUMERIC_OID = 1700;

/**
 * Opens a pool. `int8` arrives as bigint; `numeric` stays the decimal text that SQL sent, so
 * that no value of money ever passes through a JS number.
 */
export function connectDatabase(options: ConnectOptions): Sql {
  return postgres(options.url, {
    max: options.connectionsMax ?? 10,
    idle_timeout: 60,
    connect_timeout: 5,
    backoff: secondsToNextTry,
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs ?? 15_000,
    },
    // Not in the driver's types: https://github.com/porsager/postgres#connection-details
    ...({ socket: openLastingSocket } as object),
    fetch_types: options.parameterTypes === undefined,
    types: {
      bigint: {
        to: INT8_OID,
        from: [INT8_OID],
        serialize: (value: bigint) => value.toString(),
        parse: (text: string) => BigInt(text),
      },
      numeric: {
        to: NUMERIC_OID,
        from: [NUMERIC_OID],
        serialize: (value: string) => value,
        parse: (text: string) => text,
      },
      ...options.parameterTypes,
    },
    onnotice: () => undefined,
  });
}

/**
 * How long a connection that failed waits until its next try, between a half and the whole of a
 * time that doubles up to a second. The driver's own goes up to 20 s, for which every statement
 * waits, before it fails and after the server is back.
 */
function secondsToNextTry(failures: number): number {
  const wholeSec = Math.min(FIRST_TRY_SEC * 2 ** failures, NEXT_TRY_MAX_SEC);
  return wholeSec * (0.5 + Math.random() / 2);
}
