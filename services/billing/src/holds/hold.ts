import type { Address, Wei } from '@clearinghouse/shared';
import type { RebuildTexts } from './checked-item.ts';

/** The states of a hold, as they are stored. */
export const HOLD_STATE = {
  /** Money is reserved; the payment may or may not have been signed. */
  open: 0,
  /** Posted: the payment was signed. */
  settled: 1,
  /** Given back: the signer says it signed nothing. */
  released: 2,
  /** Given back: time passed, and the journals of its askers are closed beyond it. */
  expired: 3,
  /** Money kept: its signer fell silent. */
  disputed: 4,
} as const;

export type HoldState = (typeof HOLD_STATE)[keyof typeof HOLD_STATE];

/** States in which the money of the hold counts in `held`. */
export function keepsMoney(state: HoldState): boolean {
  return state === HOLD_STATE.open || state === HOLD_STATE.disputed;
}

/** What a hold takes: fixed when it is granted, never repriced. */
export type HoldPrice = {
  readonly fxId: bigint;
  readonly markupBps: number;
  /** In 1 / USD_SCALE of a micro-USD. */
  readonly chargeExact: bigint;
  /** The charge rounded up: never below the later debit. */
  readonly chargeHoldMicros: bigint;
};

/** A hold that is in the table already, with what its replay needs. */
export type KnownHold = {
  readonly id: string;
  readonly state: HoldState;
  readonly forkNo: number;
  readonly createdAtMs: number;
  readonly appId: string;
  readonly subject: string;
  readonly userId: string | undefined;
  readonly keyId: string | undefined;
  readonly sender: Address;
  readonly stateId: string;
  readonly seq: number;
  readonly requestHash: string;
  readonly feeWei: Wei;
  readonly ticketEvWei: Wei;
  readonly accountId: bigint;
  readonly price: HoldPrice;
  readonly rebuild: RebuildTexts;
  /** A payment with the next sequence number exists. */
  readonly hasSuccessor: boolean;
};

/** A range of ticket nonces that a hold uses. */
export type NonceRange = { readonly from: number; readonly to: number };

/** The key of one payment's place in a session, forks aside. */
export function placeKey(sender: string, stateId: string, seq: number): string {
  return `${sender} ${stateId} ${seq}`;
}

/** The key under which nonces must not overlap. */
export function nonceKey(sender: string, recipientRandHash: string): string {
  return `${sender} ${recipientRandHash}`;
}

/**
 * The ticket value bought beyond what this payment uses; negative when it spends what an earlier
 * one bought. Summed per app, user and key it is the unearned credit.
 */
export function sessionCreditDelta(ticketEvWei: Wei, feeWei: Wei): bigint {
  return ticketEvWei - feeWei;
}
