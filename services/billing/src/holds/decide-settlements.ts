import {
  chargeExact,
  type EthUsdE8,
  floorMicroUsd,
  USD_SCALE,
  type Wei,
} from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { HOLD_STATE, type HoldState, keepsMoney } from './hold.ts';

/** A payment that was signed. Without hashes when the sweeper infers it from the next payment. */
export type Settlement = {
  readonly holdId: string;
  readonly paymentHash?: string;
  readonly ticketsHash?: string;
  readonly signedAtNs?: bigint;
};

/** What a settlement needs to know of its hold. */
export type SettleHold = {
  readonly id: string;
  readonly state: HoldState;
  readonly accountId: bigint;
  readonly appId: string;
  readonly subject: string;
  readonly userId: string | undefined;
  readonly externalUserId: string | undefined;
  readonly keyId: string | undefined;
  readonly clientId: string | undefined;
  readonly sender: string;
  readonly pipeline: string;
  readonly model: string;
  readonly units: bigint;
  readonly billableMs: bigint;
  readonly feeWei: Wei;
  readonly ticketEvWei: Wei;
  readonly priceE8: EthUsdE8;
  readonly chargeExact: bigint;
  readonly chargeHoldMicros: bigint;
  readonly paymentHash: string;
};

/** The purse of one account while a batch is decided. */
export type SettlePurse = {
  readonly accountId: bigint;
  readonly posted: bigint;
  readonly held: bigint;
  readonly creditLimit: bigint;
  readonly remainder: bigint;
  readonly networkRemainder: bigint;
};

/** One hold that is posted now. */
export type Posted = {
  readonly hold: SettleHold;
  readonly settlement: Settlement;
  readonly isLate: boolean;
  /** Whole micro-USD of this payment; they add up to the exact sum, rounded down once. */
  readonly chargeMicros: bigint;
  /** The network's part of it; the rest is the markup. */
  readonly networkMicros: bigint;
  /** What the account could not pay. */
  readonly shortMicros: bigint;
  readonly occurredAtMs: number;
  readonly isClamped: boolean;
};

export type SettleOutcome = 'settled' | 'already' | 'late' | 'mismatch' | 'unknown';

export type SettleDecision = {
  /** One for each settlement, in order. */
  readonly outcomes: readonly SettleOutcome[];
  readonly posted: readonly Posted[];
  /** The purses after it. */
  readonly purses: ReadonlyMap<bigint, SettlePurse>;
};

/**
 * Decides a batch of settlements. Pure; holds and purses were read under their locks.
 *
 * The debit of one payment is floor(S) - floor(S before), with S the exact sum of the account:
 * what rounding leaves is carried, so a lifetime of payments is off by less than one micro-USD.
 * A late one, whose money was given back, takes what the account still has; the rest is owed.
 */
export function decideSettlements(input: {
  settlements: readonly Settlement[];
  holds: ReadonlyMap<string, SettleHold>;
  purses: ReadonlyMap<bigint, SettlePurse>;
  nowMs: number;
}): SettleDecision {
  const purses = new Map(input.purses);
  const posted = new Map<string, Posted>();
  const outcomes = input.settlements.map((settlement): SettleOutcome => {
    const hold = input.holds.get(settlement.holdId);
    if (!hold) return 'unknown';
    const { paymentHash } = settlement;
    if (paymentHash !== undefined && paymentHash !== hold.paymentHash) return 'mismatch';
    if (hold.state === HOLD_STATE.settled || posted.has(hold.id)) return 'already';
    const purse = purses.get(hold.accountId);
    if (!purse) throw new Error(`hold ${hold.id} has no account`);
    const result = postOne({ hold, settlement, purse, nowMs: input.nowMs });
    purses.set(hold.accountId, result.purse);
    posted.set(hold.id, result.posted);
    return result.posted.isLate ? 'late' : 'settled';
  });
  return { outcomes, posted: [...posted.values()], purses };
}

function postOne(input: {
  hold: SettleHold;
  settlement: Settlement;
  purse: SettlePurse;
  nowMs: number;
}): { purse: SettlePurse; posted: Posted } {
  const { hold, purse, settlement } = input;
  const charge = carry(purse.remainder, hold.chargeExact);
  const network = carry(purse.networkRemainder, chargeExact(hold.feeWei, hold.priceE8, 0n));
  const isLate = !keepsMoney(hold.state);
  const held = isLate ? purse.held : purse.held - hold.chargeHoldMicros;
  const available = purse.posted - held + purse.creditLimit;
  const shortMicros = charge.whole > available ? charge.whole - available : 0n;
  const posted: Posted = {
    hold,
    settlement,
    isLate,
    chargeMicros: charge.whole,
    networkMicros: network.whole,
    shortMicros,
    ...occurredAt(settlement.signedAtNs, input.nowMs),
  };
  const next: SettlePurse = {
    ...purse,
    posted: purse.posted - charge.whole + shortMicros,
    held,
    remainder: charge.rest,
    networkRemainder: network.rest,
  };
  return { purse: next, posted };
}

function carry(remainder: bigint, exact: bigint): { whole: bigint; rest: bigint } {
  const whole = floorMicroUsd(remainder + exact);
  return { whole, rest: remainder + exact - whole * USD_SCALE };
}

const NS_PER_MS = 1_000_000n;

function occurredAt(
  signedAtNs: bigint | undefined,
  nowMs: number,
): { occurredAtMs: number; isClamped: boolean } {
  if (signedAtNs === undefined) return { occurredAtMs: nowMs, isClamped: false };
  const ms = signedAtNs / NS_PER_MS;
  const latest = BigInt(nowMs + LIMITS.clockAheadMaxMs);
  const earliest = BigInt(nowMs - LIMITS.clockBehindMaxMs);
  const isClamped = ms > latest || ms < earliest;
  return { occurredAtMs: isClamped ? nowMs : Number(ms), isClamped };
}
