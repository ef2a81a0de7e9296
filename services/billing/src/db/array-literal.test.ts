import { describe, expect, it } from 'vitest';
import { toArrayLiteral } from './array-literal.ts';

describe('an array literal of Postgres', () => {
  it.each<{ values: readonly unknown[]; literal: string }>([
    { values: [], literal: '{}' },
    { values: ['a', 'b'], literal: '{"a","b"}' },
    { values: [1n, 2], literal: '{"1","2"}' },
    { values: [null, undefined, 'NULL'], literal: '{NULL,NULL,"NULL"}' },
    { values: ['a"b', 'c\\d', '{e,f}', ''], literal: '{"a\\"b","c\\\\d","{e,f}",""}' },
  ])('is $literal', ({ values, literal }) => {
    expect(toArrayLiteral(values)).toBe(literal);
  });
});
