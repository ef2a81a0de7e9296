import { runOnce, type Sql, type StoredAnswer, withTransaction } from '@clearinghouse/shared';
import { mintHoldId } from '../holds/mint-hold-id.ts';
import { CASH, type Posting, prepaidAccount, uncollectedAccount } from '../ledger/account.ts';
import { type AccountIds, accountIdOf, ensureAccounts } from '../ledger/ensure-accounts.ts';
import { lesser } from '../ledger/lesser.ts';
import { postTransactions } from '../ledger/post-transactions.ts';
import { writeOutbox } from '../outbox/write-outbox.ts';

export type PostCreditDeps = { readonly sql: Sql; readonly accountIds: AccountIds };

export type CreditInput = {
  readonly appId: string;
  readonly amountMicros: bigint;
  readonly reason: string;
  readonly idempotencyKey: string | undefined;
  /** The body as received: the same key with another body is refused. */
  readonly rawInput: Uint8Array;
};

/**
 * Posts credit to an app, and opens its account with the first one. What the app owes from late
 * payments is paid first; an app that was suspended for it spends again when nothing is owed.
 *
 * @throws ServiceError `idempotency_key_required`, `idempotency_mismatch`.
 */
export async function postCredit(
  deps: PostCreditDeps,
  input: CreditInput,
): Promise<StoredAnswer & { replayed: boolean }> {
  const { appId, idempotencyKey: key, rawInput } = input;
  return await withTransaction(
    deps.sql,
    (tx) =>
      runOnce(tx, { schema: 'billing', scope: `credit ${appId}`, key, rawInput }, () =>
        post(tx, deps, input),
      ),
    { idempotent: true },
  );
}

type Tx = Parameters<typeof postTransactions>[0];

async function post(tx: Tx, deps: PostCreditDeps, input: CreditInput): Promise<StoredAnswer> {
  const { appId, amountMicros } = input;
  const names = [CASH, prepaidAccount(appId), uncollectedAccount(appId)];
  const ids = await ensureAccounts(tx, deps.accountIds, names);
  const prepaidId = accountIdOf(ids, prepaidAccount(appId));
  const uncollectedId = accountIdOf(ids, uncollectedAccount(appId));
  const owedMicros = await lockOwed(tx, [prepaidId, uncollectedId], uncollectedId);
  const repaid = lesser(owedMicros, amountMicros);
  const nowMs = Date.now();
  const id = mintHoldId(nowMs);
  const usd = (accountId: bigint, amount: bigint): Posting => ({
    accountId,
    currency: 'USD',
    amount,
  });
  const postings = [
    usd(accountIdOf(ids, CASH), -amountMicros),
    usd(prepaidId, amountMicros - repaid),
    usd(uncollectedId, repaid),
  ].filter(({ amount }) => amount !== 0n);
  await postTransactions(tx, [
    {
      id,
      kind: 'credit',
      appId,
      effectiveAtMs: nowMs,
      reason: input.reason,
      idempotencyKey: input.idempotencyKey,
      postings,
    },
  ]);
  if (owedMicros > 0n && repaid === owedMicros) await liftSuspension(tx, prepaidId);
  const balance = await readPosted(tx, prepaidId);
  const body = {
    transactionId: id,
    appId,
    amountMicros: amountMicros.toString(),
    repaidMicros: repaid.toString(),
    balanceMicros: balance,
    reason: input.reason,
  };
  await writeOutbox(tx, [{ topic: 'balance.credited', appId, payload: body }]);
  return { status: 201, body };
}

/** Locks both balances in the order that everyone keeps; gives what is owed. */
async function lockOwed(tx: Tx, ids: readonly bigint[], uncollectedId: bigint): Promise<bigint> {
  const rows = await tx<{ account_id: bigint; posted: string }[]>`
    select account_id, posted from billing.balances
    where currency = 'USD' and account_id = any(${ids.map(String)}::text[]::bigint[])
    order by account_id for update`;
  const owed = rows.find((row) => row.account_id === uncollectedId);
  return owed ? -BigInt(owed.posted) : 0n;
}

async function liftSuspension(tx: Tx, accountId: bigint): Promise<void> {
  await tx`
    update billing.accounts set suspended_at = null, suspended_reason = null
    where id = ${accountId} and suspended_reason = 'uncollected'`;
}

async function readPosted(tx: Tx, accountId: bigint): Promise<string> {
  const [row] = await tx<{ posted: string }[]>`
    select posted from billing.balances where account_id = ${accountId} and currency = 'USD'`;
  if (!row) throw new Error('the account has no balance');
  return row.posted;
}
