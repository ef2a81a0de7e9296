import type { Transaction } from '@clearinghouse/shared';
import type { Alarm } from '../alarms/raise-alarms.ts';
import { raiseAlarms } from '../alarms/raise-alarms.ts';
import { applyCapDeltas } from '../caps/apply-cap-deltas.ts';
import { inOneFlight } from '../db/in-one-flight.ts';
import { type AccountIds, ensureAccounts } from '../ledger/ensure-accounts.ts';
import { postTransactions } from '../ledger/post-transactions.ts';
import { writeOutbox } from '../outbox/write-outbox.ts';
import { type UsageEvent, writeUsage } from '../usage/write-usage.ts';
import {
  decideSettlements,
  type Posted,
  type SettleDecision,
  type Settlement,
  type SettleOutcome,
} from './decide-settlements.ts';
import { msOfHoldId } from './mint-hold-id.ts';
import { readSettleBook, type SettleBook } from './read-settle-book.ts';
import { accountsOf, capChangesOf, toLedgerTransaction } from './settlement-postings.ts';

export type PostSettlementsDeps = { readonly accountIds: AccountIds };

/**
 * Posts payments that were signed: hold, usage event and its sums, ledger, balance, caps and
 * outbox, all in the caller's transaction. Posting twice is posting once.
 *
 * @returns one outcome for each settlement, in order.
 */
export async function postSettlements(
  tx: Transaction,
  deps: PostSettlementsDeps,
  settlements: readonly Settlement[],
): Promise<readonly SettleOutcome[]> {
  const book = await readSettleBook(
    tx,
    settlements.map(({ holdId }) => holdId),
  );
  const decision = decideSettlements({ ...book, settlements });
  await raiseAlarms(tx, alarmsOf(settlements, decision));
  if (decision.posted.length > 0) await writePosted(tx, deps, book, decision);
  return decision.outcomes;
}

async function writePosted(
  tx: Transaction,
  deps: PostSettlementsDeps,
  book: SettleBook,
  decision: SettleDecision,
): Promise<void> {
  const { posted } = decision;
  const ids = await ensureAccounts(tx, deps.accountIds, accountsOf(posted));
  const day = new Date(book.nowMs).toISOString().slice(0, 10);
  await inOneFlight([
    closeHolds(tx, posted),
    movePurses(tx, book, decision),
    postTransactions(
      tx,
      posted.flatMap((one) => toLedgerTransaction(one, ids) ?? []),
    ),
    applyCapDeltas(tx, { changes: capChangesOf(posted), day, openSessionCredit: false }),
    writeUsage(
      tx,
      posted.map((one) => toUsageEvent(one, book.nowMs)),
    ),
    writeOutbox(tx, outboxOf(posted)),
    suspendDebtors(tx, posted),
  ]);
}

async function closeHolds(tx: Transaction, posted: readonly Posted[]): Promise<void> {
  const rows = posted.map(({ hold, settlement }) => ({
    id: hold.id,
    tickets_hash: settlement.ticketsHash ?? null,
    signed_at_ns: settlement.signedAtNs?.toString() ?? null,
  }));
  const closed = await tx`
    update billing.holds h set state = 1, closed_at = clock_timestamp(),
      tickets_hash = decode(r.tickets_hash, 'hex'), signed_at_ns = r.signed_at_ns
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as r(id uuid, tickets_hash text, signed_at_ns numeric)
    where h.id = r.id and h.state in (0, 2, 3, 4)`;
  if (closed.count !== posted.length) {
    throw new Error(`${posted.length - closed.count} holds changed under their lock`);
  }
}

async function movePurses(
  tx: Transaction,
  book: SettleBook,
  decision: SettleDecision,
): Promise<void> {
  const rows = [...decision.purses.values()].map((purse) => ({
    account_id: purse.accountId.toString(),
    given_back: ((book.purses.get(purse.accountId)?.held ?? 0n) - purse.held).toString(),
    remainder: purse.remainder.toString(),
    network_remainder: purse.networkRemainder.toString(),
  }));
  await tx`
    update billing.balances b set held = b.held - r.given_back, remainder = r.remainder,
      network_remainder = r.network_remainder
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(account_id bigint,
      given_back numeric, remainder numeric, network_remainder numeric)
    where b.account_id = r.account_id and b.currency = 'USD'`;
}

/** A customer that owes spends no more until someone pays. */
async function suspendDebtors(tx: Transaction, posted: readonly Posted[]): Promise<void> {
  const debtors = [
    ...new Set(posted.flatMap((one) => (one.shortMicros > 0n ? [one.hold.accountId] : []))),
  ];
  if (debtors.length === 0) return;
  await tx`
    update billing.accounts set suspended_at = clock_timestamp(), suspended_reason = 'uncollected'
    where id = any(${debtors.map(String)}::text[]::bigint[]) and suspended_at is null`;
}

function alarmsOf(settlements: readonly Settlement[], decision: SettleDecision): Alarm[] {
  const alarms: Alarm[] = [];
  for (const [index, outcome] of decision.outcomes.entries()) {
    const subject = settlements[index]?.holdId ?? '';
    if (outcome === 'unknown') alarms.push({ kind: 'settle_unknown_hold', subject, detail: {} });
    if (outcome === 'mismatch') alarms.push({ kind: 'settle_mismatch', subject, detail: {} });
  }
  for (const { hold, shortMicros } of decision.posted) {
    if (shortMicros === 0n) continue;
    const detail = { holdId: hold.id, shortMicros: shortMicros.toString() };
    alarms.push({ kind: 'uncollected', subject: hold.appId, detail });
  }
  return alarms;
}

const MS_PER_HOUR = 3_600_000;

function toUsageEvent(posted: Posted, nowMs: number): UsageEvent {
  const { hold } = posted;
  const mintedMs = msOfHoldId(hold.id);
  return {
    eventId: hold.id,
    day: new Date(mintedMs).toISOString().slice(0, 10),
    hour: new Date(mintedMs - (mintedMs % MS_PER_HOUR)).toISOString(),
    appId: hold.appId,
    userId: hold.userId,
    externalUserId: hold.externalUserId,
    keyId: hold.keyId,
    clientId: hold.clientId,
    pipeline: hold.pipeline,
    model: hold.model,
    feeWei: hold.feeWei,
    ticketEvWei: hold.ticketEvWei,
    chargeMicros: posted.chargeMicros,
    networkMicros: posted.networkMicros,
    units: hold.units,
    billableMs: hold.billableMs,
    isLate: posted.isLate,
    isClamped: posted.isClamped,
    occurredAt: new Date(posted.occurredAtMs).toISOString(),
    receivedAt: new Date(nowMs).toISOString(),
  };
}

function outboxOf(posted: readonly Posted[]) {
  const byApp = Map.groupBy(posted, ({ hold }) => hold.appId);
  const settled = [...byApp].map(([appId, group]) => ({
    topic: 'usage.settled' as const,
    appId,
    payload: {
      events: group.map(({ hold, chargeMicros, occurredAtMs }) => ({
        eventId: hold.id,
        userId: hold.userId ?? null,
        externalUserId: hold.externalUserId ?? null,
        pipeline: hold.pipeline,
        modelId: hold.model,
        feeWei: hold.feeWei.toString(),
        chargeUsdMicros: chargeMicros.toString(),
        occurredAt: new Date(occurredAtMs).toISOString(),
      })),
    },
  }));
  const debtors = new Set(
    posted.flatMap(({ hold, shortMicros }) => (shortMicros > 0n ? [hold.appId] : [])),
  );
  const suspended = [...debtors].map((appId) => ({
    topic: 'account.suspended' as const,
    appId,
    payload: { reason: 'uncollected' },
  }));
  return [...settled, ...suspended];
}
