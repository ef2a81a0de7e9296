import { amountIn, callApi } from './call-api.ts';
import type { Operator } from './open-operator.ts';

/** The books of an app, as billing shows them to an operator. */
export type Books = {
  /** Prepaid balance, without what is only held. */
  readonly balanceMicros: bigint;
  readonly heldMicros: bigint;
  /** Posted on each account, by `name currency`. */
  readonly accounts: ReadonlyMap<string, bigint>;
};

/** Reads balance and ledger. */
export async function readBooks(operator: Operator): Promise<Books> {
  const { base, credential } = operator;
  const [balance, ledger] = await Promise.all([
    callApi({ method: 'GET', url: `${base}/balance`, credential }),
    callApi({ method: 'GET', url: `${base}/ledger`, credential }),
  ]);
  const rows = (ledger.accounts ?? []) as Record<string, unknown>[];
  return {
    balanceMicros: amountIn(balance, 'postedMicros'),
    heldMicros: amountIn(balance, 'heldMicros'),
    accounts: new Map(rows.map((row) => [`${row.name} ${row.currency}`, amountIn(row, 'amount')])),
  };
}

/** What was posted on each account between two readings. */
export function postedBetween(before: Books, after: Books): ReadonlyMap<string, bigint> {
  const posted = new Map<string, bigint>();
  for (const [account, amount] of after.accounts) {
    posted.set(account, amount - (before.accounts.get(account) ?? 0n));
  }
  return posted;
}
