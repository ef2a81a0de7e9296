import { describe, expect, it } from 'vitest';
import { createServedAsks } from './served.ts';

describe('served asks', () => {
  it('are claimed once', () => {
    const served = createServedAsks(10);
    expect(served.claim('a', 100, 0)).toBe(true);
    expect(served.claim('a', 100, 50)).toBe(false);
    expect(served.claim('b', 100, 50)).toBe(true);
  });

  it('are forgotten when they expire, so that memory does not grow', () => {
    const served = createServedAsks(10);
    served.claim('a', 100, 0);
    served.claim('b', 200, 101);
    expect(served.claim('a', 300, 102)).toBe(true);
    expect(served.claim('b', 300, 103)).toBe(false);
  });

  it('are bounded: the oldest goes first', () => {
    const served = createServedAsks(2);
    for (const nonce of ['a', 'b', 'c']) served.claim(nonce, 100, 0);
    expect(served.claim('c', 100, 0)).toBe(false);
    expect(served.claim('b', 100, 0)).toBe(false);
    expect(served.claim('a', 100, 0)).toBe(true);
  });
});
