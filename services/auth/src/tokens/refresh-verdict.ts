import { LIMITS } from '../limits.ts';

/** How a refresh token stands in its family when it is presented. */
export type RefreshState = {
  readonly isConsumed: boolean;
  /** Seconds since it was used; 0 when it was not. */
  readonly consumedForSec: number;
  /** Another child of the same parent was used first and took its place. */
  readonly isSuperseded: boolean;
  /** How often it was presented again after its use. */
  readonly replays: number;
  /** One of its children has been used itself: it is no immediate predecessor any more. */
  readonly hasUsedChild: boolean;
};

/**
 * What to do with a refresh token (RFC 9700, section 4.14.2): `rotate` an unused one; give a
 * fresh child to the immediate predecessor for some seconds, since tabs and retries do that;
 * everything else is one of two holders too many, `reused`, and ends the family.
 */
export function judgeRefresh(state: RefreshState): 'rotate' | 'replay' | 'reused' {
  if (state.isSuperseded) return 'reused';
  if (!state.isConsumed) return 'rotate';
  const inTime = state.consumedForSec <= LIMITS.refreshGraceSec;
  const seldom = state.replays < LIMITS.refreshReplaysMax;
  return inTime && seldom && !state.hasUsedChild ? 'replay' : 'reused';
}
