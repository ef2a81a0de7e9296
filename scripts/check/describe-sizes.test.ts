import { describe, expect, it } from 'vitest';
import { describeSizes, quantile } from './describe-sizes.ts';
import { parseSource } from './source/parse-source.ts';

describe('sizes', () => {
  it('a quantile is one of the values', () => {
    const values = [9, 1, 5, 3, 7, 2, 8, 4, 6, 10];
    expect([0.1, 0.5, 0.9, 1].map((share) => quantile(values, share))).toEqual([1, 5, 9, 10]);
    expect(quantile([], 0.5)).toBe(0);
  });

  it('tests are counted apart', () => {
    const files = [
      parseSource('scripts/a.ts', 'f();\nf();\n'),
      parseSource('scripts/a.test.ts', 'f();\n'),
    ];
    expect(describeSizes(files)).toBe(
      '2 files; sources: median 2 lines, p90 2, longest 2; 0.50 lines of test per line of source',
    );
  });
});
