import { HOLD_STATE, type HoldState, keepsMoney } from './hold.ts';
import type { SweepEvidence } from './read-sweep-evidence.ts';

/** What the sweeper does with a hold whose time is over. */
export type Verdict = 'settle' | 'expire' | 'expire_disputed' | 'dispute' | 'wait';

/**
 * Judges one hold.
 *
 * - The gateway made the next payment, so it got this one: settle.
 * - Nobody who asked can have signed it: expire, money back.
 * - One who asked fell silent: dispute, money kept, until its ticket can no longer be redeemed.
 * - Otherwise wait: its signer lives and will say.
 */
export function judgeHold(state: HoldState, evidence: SweepEvidence): Verdict {
  if (!keepsMoney(state)) return 'wait';
  if (evidence.wasDelivered) return 'settle';
  if (evidence.allClosed) return 'expire';
  if (state === HOLD_STATE.disputed) return evidence.isDue ? 'expire_disputed' : 'wait';
  return evidence.isDue && evidence.anySilent ? 'dispute' : 'wait';
}
