import { type ConnectOptions, connectDatabase, type Sql } from '@clearinghouse/shared';
import { toArrayLiteral } from './array-literal.ts';

/** The kinds of arrays that billing sends, by the server's numbers. */
const ARRAY_OIDS = { text: 1009, int8: 1016, uuid: 2951 } as const;

/** Opens billing's pool: the shared one, and arrays written without asking the server first. */
export function openPool(options: ConnectOptions): Sql {
  return connectDatabase({ ...options, parameterTypes: arrayTypes() });
}

function arrayTypes() {
  return Object.fromEntries(
    Object.entries(ARRAY_OIDS).map(([name, oid]) => [
      `${name}Array`,
      { to: oid, from: [], serialize: toArrayLiteral, parse: (text: string) => text },
    ]),
  );
}
