import type { Comparison } from './comparison.ts';
import type { ShownRefusal } from './show-refusals.ts';

/** One payer's line of the report. */
export type PayerLine = {
  readonly payer: string;
  readonly payments: number;
  readonly tickets: number;
  readonly feeWei: string;
  readonly chargeMicros: string;
};

/** What a demo did and what it found; money as decimal strings. */
export type DemoReport = {
  readonly ok: boolean;
  readonly payments: number;
  readonly tickets: number;
  readonly winners: number;
  readonly refreshes: number;
  readonly skips: number;
  readonly faceValueRedeemedWei: string;
  readonly balanceBeforeMicros: string;
  readonly balanceAfterMicros: string;
  readonly payers: readonly PayerLine[];
  readonly refusals: readonly ShownRefusal[];
  readonly comparisons: readonly Comparison[];
  readonly seconds: number;
};
