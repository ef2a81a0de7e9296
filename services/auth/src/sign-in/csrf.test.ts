import { describe, expect, it } from 'vitest';
import { createCsrf } from './csrf.ts';

const KEYS = ['a'.repeat(32), 'b'.repeat(32)];

describe('tokens of forms', () => {
  it('fit their own interaction or session and no other', () => {
    const csrf = createCsrf(KEYS);
    const token = csrf.tokenFor('interaction:1');
    expect(csrf.matches('interaction:1', token)).toBe(true);
    expect(csrf.matches('interaction:2', token)).toBe(false);
    expect(csrf.matches('session:1', token)).toBe(false);
  });

  it.each([undefined, '', 'x', `${'A'.repeat(43)}`])('refuse %s', (token) => {
    expect(createCsrf(KEYS).matches('interaction:1', token)).toBe(false);
  });

  it('outlive a rotation of the keys by one', () => {
    const token = createCsrf(KEYS.slice(1)).tokenFor('x');
    expect(createCsrf(KEYS).matches('x', token)).toBe(true);
    expect(createCsrf(KEYS.slice(0, 1)).matches('x', token)).toBe(false);
    expect(() => createCsrf([])).toThrow();
  });
});
