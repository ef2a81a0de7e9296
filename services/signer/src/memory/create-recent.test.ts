import { describe, expect, test } from 'vitest';
import { createRecent } from './create-recent.ts';

describe('a memory of what was used lately', () => {
  test('keeps the last entries, at least as many as it was told', () => {
    const recent = createRecent<number>(4);
    for (let index = 0; index < 100; index += 1) {
      recent.set(`k${index}`, index);
      for (let last = Math.max(0, index - 3); last <= index; last += 1) {
        expect(recent.get(`k${last}`)).toBe(last);
      }
    }
  });

  test('forgets what nobody used', () => {
    const recent = createRecent<number>(4);
    for (let index = 0; index < 9; index += 1) recent.set(`k${index}`, index);
    expect(recent.get('k0')).toBeUndefined();
  });

  test('what is used stays', () => {
    const recent = createRecent<number>(4);
    recent.set('used', 1);
    for (let index = 0; index < 100; index += 1) {
      recent.set(`k${index}`, index);
      expect(recent.get('used')).toBe(1);
    }
  });
});
