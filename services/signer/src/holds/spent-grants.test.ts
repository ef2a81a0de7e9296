import { expect, test } from 'vitest';
import { createSpentGrants } from './spent-grants.ts';

test('a grant is used once', () => {
  const spent = createSpentGrants(10);
  expect(spent.spend('a')).toBe(true);
  expect(spent.spend('a')).toBe(false);
  expect(spent.spend('b')).toBe(true);
});

test('at least the last ones are remembered, however many there were', () => {
  const spent = createSpentGrants(10);
  for (let index = 0; index < 1000; index += 1) {
    expect(spent.spend(`grant ${index}`)).toBe(true);
    for (let back = 0; back < Math.min(index, 10); back += 1) {
      expect(spent.spend(`grant ${index - back}`)).toBe(false);
    }
  }
});
