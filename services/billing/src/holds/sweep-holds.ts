import { type Sql, type Transaction, withTransaction } from '@clearinghouse/shared';
import { type Alarm, raiseAlarms } from '../alarms/raise-alarms.ts';
import type { AccountIds } from '../ledger/ensure-accounts.ts';
import { LIMITS } from '../limits.ts';
import { giveBack } from './give-back.ts';
import { HOLD_STATE } from './hold.ts';
import { judgeHold, type Verdict } from './judge-hold.ts';
import { postSettlements } from './post-settlements.ts';
import { readSettleBook, type SettleBook } from './read-settle-book.ts';
import {
  findDue,
  readSweepEvidence,
  SWEEP_START,
  type SweepCursor,
  type SweepEvidence,
} from './read-sweep-evidence.ts';

export type SweepHoldsDeps = {
  readonly sql: Sql;
  readonly accountIds: AccountIds;
  /** A signer process that says nothing for this long is silent. */
  readonly replicaSilentAfterMs: number;
  /** How long after the grant a disputed hold keeps its money: the validity of a ticket. */
  readonly disputeKeptMs: number;
};

/** How many holds a sweep judged, by verdict. */
export type SweepCounts = Readonly<Record<Verdict, number>>;

/**
 * Looks at every hold whose time is over, in batches of their own transactions. Several sweepers
 * at once do no harm: each batch reads its holds again under the locks of their balances.
 */
export async function sweepHolds(deps: SweepHoldsDeps): Promise<SweepCounts> {
  const counts = { settle: 0, expire: 0, expire_disputed: 0, dispute: 0, wait: 0 };
  let cursor: SweepCursor = SWEEP_START;
  for (let round = 0; round < LIMITS.sweepRoundsMax; round += 1) {
    const due = await findDue(deps.sql, cursor, LIMITS.sweepBatchMax);
    const last = due.at(-1);
    if (!last) break;
    cursor = last;
    const ids = due.map(({ id }) => id);
    const verdicts = await withTransaction(deps.sql, (tx) => sweepBatch(tx, deps, ids));
    for (const verdict of verdicts) counts[verdict] += 1;
    if (due.length < LIMITS.sweepBatchMax) break;
  }
  return counts;
}

async function sweepBatch(
  tx: Transaction,
  deps: SweepHoldsDeps,
  ids: readonly string[],
): Promise<Verdict[]> {
  const book = await readSettleBook(tx, ids);
  const evidence = await readSweepEvidence(tx, ids, deps.replicaSilentAfterMs);
  const judged = evidence.map((one) => ({ one, verdict: verdictOf(book, one) }));
  const of = (...wanted: Verdict[]) =>
    judged.filter(({ verdict }) => wanted.includes(verdict)).map(({ one }) => one);
  const expired = of('expire', 'expire_disputed');
  await giveBack(tx, {
    holds: expired.flatMap(({ holdId }) => book.holds.get(holdId) ?? []),
    to: HOLD_STATE.expired,
    nowMs: book.nowMs,
  });
  const delivered = of('settle');
  if (delivered.length > 0) {
    await postSettlements(
      tx,
      deps,
      delivered.map(({ holdId }) => ({ holdId })),
    );
  }
  await dispute(tx, deps, of('dispute'));
  await raiseAlarms(tx, [
    ...of('dispute').map((one) => alarm('hold_disputed', one)),
    ...of('expire_disputed').map((one) => alarm('disputed_expired', one)),
  ]);
  return judged.map(({ verdict }) => verdict);
}

function verdictOf(book: SettleBook, evidence: SweepEvidence): Verdict {
  const hold = book.holds.get(evidence.holdId);
  return hold ? judgeHold(hold.state, evidence) : 'wait';
}

async function dispute(
  tx: Transaction,
  deps: SweepHoldsDeps,
  holds: readonly SweepEvidence[],
): Promise<void> {
  if (holds.length === 0) return;
  await tx`
    update billing.holds set state = ${HOLD_STATE.disputed},
      expires_at = created_at + make_interval(secs => ${deps.disputeKeptMs / 1000}::float8)
    where id = any(${holds.map(({ holdId }) => holdId)}::uuid[]) and state = ${HOLD_STATE.open}`;
}

function alarm(kind: 'hold_disputed' | 'disputed_expired', evidence: SweepEvidence): Alarm {
  return { kind, subject: evidence.replicaId, detail: { holdId: evidence.holdId } };
}
