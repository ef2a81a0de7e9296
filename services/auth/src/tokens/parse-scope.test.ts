import { describe, expect, it } from 'vitest';
import { parseScope } from './parse-scope.ts';

const allowed = ['sign:job', 'users:read'];

describe('RFC 6749, 3.3: scope', () => {
  it('takes what is allowed, each once', () => {
    expect(parseScope('users:read sign:job users:read', allowed)).toEqual({
      ok: true,
      value: ['users:read', 'sign:job'],
    });
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['a space too much', 'sign:job  users:read'],
    ['one that is not allowed: never dropped in silence', 'sign:job admin'],
    ['wrong case', 'Sign:job'],
    ['a quote', 'sign:"job'],
    ['a control character', 'sign:job\u0000'],
    ['a name of Object.prototype', '__proto__'],
    ['10,000 scopes', Array.from({ length: 10_000 }, (_, index) => `s${index}`).join(' ')],
  ])('refuses %s', (_name, text) => {
    expect(parseScope(text, allowed)).toMatchObject({ ok: false, error: 'invalid_scope' });
  });
});
