import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { judgeRefresh, type RefreshState } from './refresh-verdict.ts';

const unused: RefreshState = {
  isConsumed: false,
  consumedForSec: 0,
  isSuperseded: false,
  replays: 0,
  hasUsedChild: false,
};
const justUsed = { ...unused, isConsumed: true, consumedForSec: 1 };

describe('refresh tokens: who gets a successor (RFC 9700, 4.14.2)', () => {
  it.each<[string, RefreshState, string]>([
    ['an unused token rotates', unused, 'rotate'],
    ['the immediate predecessor gets a fresh child', justUsed, 'replay'],
    [
      'at the end of the window too',
      { ...justUsed, consumedForSec: LIMITS.refreshGraceSec },
      'replay',
    ],
    ['up to the cap', { ...justUsed, replays: LIMITS.refreshReplaysMax - 1 }, 'replay'],
    ['beyond the cap it is a theft', { ...justUsed, replays: LIMITS.refreshReplaysMax }, 'reused'],
    ['after the window too', { ...justUsed, consumedForSec: LIMITS.refreshGraceSec + 1 }, 'reused'],
    ['and once a child has been used', { ...justUsed, hasUsedChild: true }, 'reused'],
    ['a token whose place another took', { ...unused, isSuperseded: true }, 'reused'],
  ])('%s', (_name, state, verdict) => {
    expect(judgeRefresh(state)).toBe(verdict);
  });

  it('a database whose clock is a little behind does not make a thief', () => {
    expect(judgeRefresh({ ...justUsed, consumedForSec: -1 })).toBe('replay');
  });
});
