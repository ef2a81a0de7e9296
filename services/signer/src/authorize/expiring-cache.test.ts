import { beforeEach, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { createExpiringCache, type ExpiringCache } from './expiring-cache.ts';

let clock: ManualClock;
let cache: ExpiringCache<number>;
beforeEach(() => {
  clock = createManualClock();
  cache = createExpiringCache({ entriesMax: 3, monotonicMs: clock.monotonicMs });
});

test('an entry ends at its time', () => {
  cache.set('a', 1, 100);
  clock.advance(99);
  expect(cache.get('a')).toBe(1);
  clock.advance(1);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size()).toBe(0);
});

test('no life, no entry', () => {
  cache.set('a', 1, 0);
  cache.set('b', 1, -1);
  expect(cache.size()).toBe(0);
});

test('the least recently used one goes first', () => {
  for (const key of ['a', 'b', 'c']) cache.set(key, 1, 100);
  cache.get('a');
  cache.set('d', 1, 100);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([1, undefined, 1, 1]);
});

test('never more than its bound, and none after clearing', () => {
  for (let index = 0; index < 100; index += 1) cache.set(`key ${index}`, index, 100);
  expect(cache.size()).toBe(3);
  cache.clear();
  expect(cache.get('key 99')).toBeUndefined();
});
