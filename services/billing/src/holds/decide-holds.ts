import type { HoldRefusal, Wei } from '@clearinghouse/shared';
import { capOwners } from '../caps/cap.ts';
import { type CapBook, type CapDelta, openCapBook } from '../caps/cap-book.ts';
import { LIMITS } from '../limits.ts';
import { isActive } from './check-principal.ts';
import {
  HOLD_STATE,
  type HoldPrice,
  type KnownHold,
  nonceKey,
  placeKey,
  sessionCreditDelta,
} from './hold.ts';
import type { AccountLine, HoldAsk, HoldBook, HoldPolicy } from './hold-book.ts';
import { priceHold } from './price-hold.ts';

/** What is to be done for one ask. */
export type Decision =
  | { readonly kind: 'refused'; readonly code: HoldRefusal }
  | { readonly kind: 'granted'; readonly hold: NewHold }
  /** Given again: `touch` when the hold is open and its new asker must be remembered. */
  | { readonly kind: 'replayed'; readonly hold: KnownHold; readonly touch: boolean }
  /** Money was given back and is taken again, under the same id and with the same bytes. */
  | { readonly kind: 'reopened'; readonly hold: KnownHold; readonly price: HoldPrice }
  /** The same request stands earlier in this batch: its answer is this one's, as a replay. */
  | { readonly kind: 'repeated'; readonly of: HoldAsk };

/** A hold to insert; its id is minted by the caller. */
export type NewHold = {
  readonly ask: HoldAsk;
  readonly accountId: bigint;
  readonly forkNo: number;
  readonly price: HoldPrice;
};

export type BatchDecision = {
  readonly decisions: readonly Decision[];
  /** What each account has held more than before. */
  readonly heldByAccount: ReadonlyMap<bigint, bigint>;
  readonly caps: readonly CapDelta[];
};

type Purse = { readonly account: AccountLine; takenMicros: bigint };

/** The book of a batch, with what was decided so far. */
type Desk = {
  readonly book: HoldBook;
  readonly policy: HoldPolicy;
  readonly caps: CapBook;
  readonly purses: ReadonlyMap<string, Purse>;
  readonly stored: ReadonlyMap<string, readonly KnownHold[]>;
  readonly granted: Map<string, NewHold[]>;
  readonly reopened: Set<string>;
  readonly ranges: Map<string, { from: number; to: number }[]>;
};

/**
 * Decides a batch in the order of arrival, with bigint, each item against every cap. Pure: the
 * book was read under the locks that make it true until the transaction ends.
 *
 * Refusals: `suspended`, `replay_stale`, `fork_limit`, `nonce_overlap`, `fx_stale`,
 * `amount_out_of_range`, `insufficient_balance`, `app_cap`, `user_cap`, `key_cap`,
 * `session_credit_limit`, `invalid_request`.
 */
export function decideHolds(input: {
  asks: readonly HoldAsk[];
  book: HoldBook;
  policy: HoldPolicy;
}): BatchDecision {
  const desk = openDesk(input.book, input.policy);
  const decisions = input.asks.map((ask) => decideOne(desk, ask));
  const heldByAccount = new Map<bigint, bigint>();
  for (const { account, takenMicros } of desk.purses.values()) {
    if (takenMicros !== 0n) heldByAccount.set(account.accountId, takenMicros);
  }
  return { decisions, heldByAccount, caps: desk.caps.deltas() };
}

function openDesk(book: HoldBook, policy: HoldPolicy): Desk {
  const ranges = new Map<string, { from: number; to: number }[]>();
  for (const { key, from, to } of book.ranges) addRange(ranges, key, { from, to });
  return {
    book,
    policy,
    caps: openCapBook({
      lines: book.caps,
      day: utcDay(book.nowMs),
      sessionCreditLimits: policy.sessionCreditLimits,
    }),
    purses: new Map([...book.accounts].map(([id, account]) => [id, { account, takenMicros: 0n }])),
    stored: Map.groupBy(book.known, (hold) => placeKey(hold.sender, hold.stateId, hold.seq)),
    granted: new Map(),
    reopened: new Set(),
    ranges,
  };
}

function decideOne(desk: Desk, ask: HoldAsk): Decision {
  const { item } = ask;
  const { principal } = item;
  if (!isActive(principal, desk.book.principals)) return refuse('suspended');
  if (desk.purses.get(principal.appId)?.account.isSuspended) return refuse('suspended');
  const place = placeKey(item.senderAddress, item.stateId, item.seq);
  const stored = desk.stored.get(place) ?? [];
  const granted = desk.granted.get(place) ?? [];
  const same = stored.find((hold) => hold.requestHash === item.requestHash);
  if (same) return decideReplay(desk, ask, same);
  const twin = granted.find((hold) => hold.ask.item.requestHash === item.requestHash);
  if (twin) return isSameCaller(ask, twin.ask) ? repeat(twin.ask) : refuse('invalid_request');
  const forkNo = stored.length + granted.length;
  if (forkNo > LIMITS.forksMax) return refuse('fork_limit');
  if (overlaps(desk, ask)) return refuse('nonce_overlap');
  const paid = pay(desk, {
    appId: principal.appId,
    subject: principal.subject,
    keyId: principal.keyId,
    feeWei: item.feeWei,
    ticketEvWei: item.ticketEvWei,
  });
  if (!paid.ok) return refuse(paid.code);
  const hold: NewHold = { ask, accountId: paid.accountId, forkNo, price: paid.price };
  desk.granted.set(place, [...granted, hold]);
  addRange(desk.ranges, nonceKey(item.senderAddress, item.recipientRandHash), rangeOf(ask));
  return { kind: 'granted', hold };
}

function decideReplay(desk: Desk, ask: HoldAsk, hold: KnownHold): Decision {
  const { principal } = ask.item;
  if (hold.appId !== principal.appId || hold.subject !== principal.subject) {
    return refuse('invalid_request');
  }
  if (hold.seq === 0 && isStale(desk, hold)) return refuse('replay_stale');
  if (hold.state === HOLD_STATE.open) return { kind: 'replayed', hold, touch: true };
  if (hold.state === HOLD_STATE.settled) return { kind: 'replayed', hold, touch: false };
  if (desk.reopened.has(hold.id)) return { kind: 'replayed', hold, touch: true };
  const paid = hold.state === HOLD_STATE.disputed ? keptPrice(hold) : pay(desk, hold);
  if (!paid.ok) return refuse(paid.code);
  desk.reopened.add(hold.id);
  return { kind: 'reopened', hold, price: paid.price };
}

/** A first call has no state behind it: the same request later is another session. */
function isStale(desk: Desk, hold: KnownHold): boolean {
  const advanced =
    hold.hasSuccessor || desk.granted.has(placeKey(hold.sender, hold.stateId, hold.seq + 1));
  return advanced || desk.book.nowMs - hold.createdAtMs > LIMITS.firstCallReplayMs;
}

type Payment = {
  readonly appId: string;
  readonly subject: string;
  readonly keyId: string | undefined;
  readonly feeWei: Wei;
  readonly ticketEvWei: Wei;
};

type Paid = { ok: true; accountId: bigint; price: HoldPrice } | { ok: false; code: HoldRefusal };

/** Takes a payment's money from its account and caps, or says why not and takes nothing. */
function pay(desk: Desk, payment: Payment): Paid {
  const { book, policy } = desk;
  if (!book.price || book.price.ageMs > policy.fxMaxAgeMs) return { ok: false, code: 'fx_stale' };
  const purse = desk.purses.get(payment.appId);
  if (!purse) return { ok: false, code: 'insufficient_balance' };
  const { account } = purse;
  const markupBps = account.markupBps ?? policy.defaultMarkupBps;
  const price = priceHold(payment.feeWei, { ...book.price, markupBps });
  if (!price) return { ok: false, code: 'amount_out_of_range' };
  const available = account.posted - account.held - purse.takenMicros + account.creditLimit;
  if (price.chargeHoldMicros > available) return { ok: false, code: 'insufficient_balance' };
  const owners = capOwners(payment);
  const take = {
    chargeMicros: price.chargeHoldMicros,
    creditDeltaWei: sessionCreditDelta(payment.ticketEvWei, payment.feeWei),
  };
  const refusal = desk.caps.check(owners, take);
  if (refusal) return { ok: false, code: refusal };
  desk.caps.take(owners, take);
  purse.takenMicros += price.chargeHoldMicros;
  return { ok: true, accountId: account.accountId, price };
}

function keptPrice(hold: KnownHold): Paid {
  return { ok: true, accountId: hold.accountId, price: hold.price };
}

function overlaps(desk: Desk, ask: HoldAsk): boolean {
  const { item } = ask;
  const range = rangeOf(ask);
  const taken = desk.ranges.get(nonceKey(item.senderAddress, item.recipientRandHash)) ?? [];
  return taken.some((other) => other.from <= range.to && other.to >= range.from);
}

function rangeOf(ask: HoldAsk): { from: number; to: number } {
  return { from: ask.item.rebuild.nonceFrom, to: ask.item.nonceTo };
}

function addRange(
  ranges: Map<string, { from: number; to: number }[]>,
  key: string,
  range: { from: number; to: number },
): void {
  const known = ranges.get(key);
  if (known) known.push(range);
  else ranges.set(key, [range]);
}

function isSameCaller(left: HoldAsk, right: HoldAsk): boolean {
  const [one, other] = [left.item.principal, right.item.principal];
  return one.appId === other.appId && one.subject === other.subject;
}

function refuse(code: HoldRefusal): Decision {
  return { kind: 'refused', code };
}

function repeat(of: HoldAsk): Decision {
  return { kind: 'repeated', of };
}

function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
