import type { EthUsdE8, PrincipalKind, Transaction } from '@clearinghouse/shared';
import type { CapLine, CapMetric, CapPeriod, CapScope } from '../caps/cap.ts';
import { inOneFlight } from '../db/in-one-flight.ts';
import { planByIndex } from '../db/plan-by-index.ts';
import { principalKey } from './check-principal.ts';
import { nonceKey } from './hold.ts';
import type { AccountLine, HoldBook, HoldBookQuery, PrincipalLine } from './hold-book.ts';
import { fromRowKnownHold, type KnownHoldRow } from './known-hold-row.ts';

/**
 * Locks the balances of a batch and then reads everything that decides it.
 *
 * The lock comes first and the rest are later statements: under READ COMMITTED each sees what
 * was committed while the lock was waited for. Whoever changes a balance, a cap or a hold's
 * state takes this lock first, so nothing read here changes before the transaction ends. All
 * statements leave in one flight.
 */
export async function readHoldBook(tx: Transaction, query: HoldBookQuery): Promise<HoldBook> {
  const [, balances, accounts, prices, caps, principals, known, ranges] = await inOneFlight([
    planByIndex(tx),
    lockBalances(tx, query.appIds),
    readAccounts(tx, query.appIds),
    readPrice(tx),
    readCaps(tx, query),
    readPrincipals(tx, query),
    readKnown(tx, query),
    readRanges(tx, query),
  ]);
  const [price] = prices;
  if (!price) throw new Error('the database gave no time');
  const balanceById = new Map(balances.map((row) => [row.account_id, row]));
  return {
    nowMs: Number(price.now_ms),
    price:
      price.fx_id === null
        ? undefined
        : {
            fxId: price.fx_id,
            priceE8: BigInt(price.price_e8 ?? '0') as EthUsdE8,
            ageMs: Number(price.age_ms),
          },
    accounts: new Map(
      accounts.flatMap((row) => {
        const balance = balanceById.get(row.id);
        return balance ? [[row.app_id, toAccountLine(row, balance)] as const] : [];
      }),
    ),
    caps: caps.map(toCapLine),
    principals: new Map(
      principals.map((row) => [
        principalKey(row),
        { kind: row.kind, id: row.id, appId: row.app_id, status: row.status },
      ]),
    ),
    known: known.map(fromRowKnownHold),
    ranges: ranges.map((row) => ({
      key: nonceKey(`0x${row.sender}`, row.rand),
      from: Number(row.nonce_from),
      to: Number(row.nonce_to),
    })),
  };
}

type BalanceRow = { account_id: bigint; posted: string; held: string; credit_limit: string };
type AccountRow = { id: bigint; app_id: string; markup_bps: number | null; is_suspended: boolean };

function lockBalances(tx: Transaction, appIds: readonly string[]) {
  return tx<BalanceRow[]>`
    select account_id, posted, held, credit_limit from billing.balances
    where currency = 'USD' and account_id = any(array(
      select id from billing.accounts where kind = 'prepaid' and app_id = any(${appIds}::text[])))
    order by account_id for update`;
}

function readAccounts(tx: Transaction, appIds: readonly string[]) {
  return tx<AccountRow[]>`
    select id, app_id, markup_bps, suspended_at is not null as is_suspended
    from billing.accounts where kind = 'prepaid' and app_id = any(${appIds}::text[])`;
}

type PriceRow = {
  now_ms: bigint;
  fx_id: bigint | null;
  price_e8: string | null;
  age_ms: bigint | null;
};

function readPrice(tx: Transaction) {
  return tx<PriceRow[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms,
      fx.id as fx_id, fx.price_e8,
      (extract(epoch from clock_timestamp() - fx.observed_at) * 1000)::bigint as age_ms
    from (select 1) as one left join lateral (
      select id, price_e8, observed_at from billing.fx_rates
      where pair = 'ETH/USD' order by id desc limit 1) as fx on true`;
}

type CapRow = {
  app_id: string;
  scope: CapScope;
  scope_id: string;
  metric: CapMetric;
  period: CapPeriod;
  limit_amount: string | null;
  used: string;
  held: string;
  window_start: string;
};

function readCaps(tx: Transaction, query: HoldBookQuery) {
  return tx<CapRow[]>`
    select c.app_id, c.scope, c.scope_id, c.metric, c.period, c.limit_amount, c.used, c.held,
      c.window_start::text as window_start
    from unnest(${query.capOwners.map((owner) => owner.appId)}::text[],
      ${query.capOwners.map((owner) => owner.scope)}::text[],
      ${query.capOwners.map((owner) => owner.scopeId)}::text[]) as o(app_id, scope, scope_id)
    join billing.caps c using (app_id, scope, scope_id)`;
}

type PrincipalRow = {
  kind: PrincipalKind;
  id: string;
  app_id: string;
  status: PrincipalLine['status'];
};

function readPrincipals(tx: Transaction, query: HoldBookQuery) {
  return tx<PrincipalRow[]>`
    select p.kind, p.id, p.app_id, p.status
    from unnest(${query.principals.map((ref) => ref.kind)}::text[],
      ${query.principals.map((ref) => ref.id)}::text[]) as q(kind, id)
    join identity.principal_status p using (kind, id)`;
}

function readKnown(tx: Transaction, query: HoldBookQuery) {
  return tx<KnownHoldRow[]>`
    select h.id, h.state::int as state, h.fork_no::int as fork_no, h.account_id, h.app_id,
      h.subject, h.user_id, h.key_id, encode(h.sender, 'hex') as sender, h.state_id, h.seq,
      encode(h.request_hash, 'hex') as request_hash, h.fee_wei, h.ticket_ev_wei, h.fx_id,
      h.markup_bps, h.charge_exact, h.charge_hold_micros, h.nonce_from, h.nonce_to, h.now_ns,
      (extract(epoch from h.created_at) * 1000)::bigint as created_at_ms, h.creation_round,
      encode(h.creation_block_hash, 'hex') as creation_block_hash, h.manifest_id, h.new_balance,
      h.initial_price_per_unit, h.initial_pixels_per_unit,
      encode(h.new_state_hash, 'hex') as new_state_hash,
      encode(h.payment_hash, 'hex') as payment_hash,
      exists (select from billing.holds s where s.sender = h.sender and s.state_id = h.state_id
        and s.seq = h.seq + 1) as has_successor
    from (
      select distinct decode(a, 'hex'), b, c from unnest(
        ${query.asks.map((ask) => ask.item.senderAddress.slice(2))}::text[],
        ${query.asks.map((ask) => ask.item.stateId)}::text[],
        ${query.asks.map((ask) => ask.item.seq)}::bigint[]) as u(a, b, c)
    ) as q(sender, state_id, seq)
    join billing.holds h using (sender, state_id, seq)`;
}

type RangeRow = { sender: string; rand: string; nonce_from: bigint; nonce_to: bigint };

/**
 * Stored ranges of one key never overlap each other, so only the last one that starts at or before
 * the end of the asked range can reach into it: one index probe, however long the session.
 */
function readRanges(tx: Transaction, query: HoldBookQuery) {
  return tx<RangeRow[]>`
    select q.sender, q.rand, h.nonce_from, h.nonce_to
    from unnest(${query.asks.map((ask) => ask.item.senderAddress.slice(2))}::text[],
      ${query.asks.map((ask) => ask.item.recipientRandHash)}::text[],
      ${query.asks.map((ask) => ask.item.rebuild.nonceFrom)}::bigint[],
      ${query.asks.map((ask) => ask.item.nonceTo)}::bigint[]) as q(sender, rand, first, last)
    cross join lateral (
      select nonce_from, nonce_to from billing.holds
      where sender = decode(q.sender, 'hex') and recipient_rand_hash = decode(q.rand, 'hex')
        and nonce_from <= q.last
      order by nonce_from desc limit 1) as h
    where h.nonce_to >= q.first`;
}

function toAccountLine(row: AccountRow, balance: BalanceRow): AccountLine {
  return {
    accountId: row.id,
    appId: row.app_id,
    posted: BigInt(balance.posted),
    held: BigInt(balance.held),
    creditLimit: BigInt(balance.credit_limit),
    markupBps: row.markup_bps ?? undefined,
    isSuspended: row.is_suspended,
  };
}

function toCapLine(row: CapRow): CapLine {
  return {
    appId: row.app_id,
    scope: row.scope,
    scopeId: row.scope_id,
    metric: row.metric,
    period: row.period,
    limit: row.limit_amount === null ? undefined : BigInt(row.limit_amount),
    used: BigInt(row.used),
    held: BigInt(row.held),
    windowStart: row.window_start,
  };
}
