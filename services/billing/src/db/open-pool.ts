import { type ConnectOptions, openLastingSocket, type Sql } from '@clearinghouse/shared';
import postgres from 'postgres';
import { toArrayLiteral } from './array-literal.ts';

const INT8_OID = 20;
const NUMERIC_OID = 1700;
const ARRAY_OIDS = { text: 1009, int8: 1016, uuid: 2951 } as const;

/**
 * Opens billing's pool: as the shared one, over sockets whose loss in a transaction does not end
 * the process. `int8` arrives as bigint, `numeric` stays the decimal text that SQL sent.
 */
export function openPool(options: ConnectOptions): Sql {
  return postgres(options.url, {
    max: options.connectionsMax ?? 10,
    // A connection that dies while the driver asks for types would end the process; the three kinds
    // of array that are sent are named below.
    fetch_types: false,
    idle_timeout: 60,
    connect_timeout: 5,
    connection: {
      application_name: options.applicationName,
      statement_timeout: options.statementTimeoutMs ?? 15_000,
    },
    // Not in the driver's types: https://github.com/porsager/postgres#connection-details
    ...({ socket: openLastingSocket } as object),
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
      ...arrayTypes(),
    },
    onnotice: () => undefined,
  });
}

function arrayTypes() {
  return Object.fromEntries(
    Object.entries(ARRAY_OIDS).map(([name, oid]) => [
      `${name}Array`,
      { to: oid, from: [], serialize: toArrayLiteral, parse: (text: string) => text },
    ]),
  );
}
