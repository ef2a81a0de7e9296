import { describe, expect, it } from 'vitest';
import { countUnits } from './count-units.ts';

describe('billable units', () => {
  it.each([
    ['lv2v', undefined, 1_658_880_000n],
    ['live', undefined, 10n],
    ['fixed', undefined, 1n],
    ['lv2v', 1_000_000_000n, 27_648_000n],
    ['lv2v', 1n, 0n],
    ['lv2v', 50_000_001n, 1_382_400n],
    ['live', 1n, 1n],
    ['live', 1_000_000_000n, 1n],
    ['live', 1_000_000_001n, 2n],
    ['fixed', 5_000_000_000n, 1n],
    ['lv2v', 0n, 0n],
    ['live', -5n, 0n],
  ] as const)('of %s after %s ns are %s', (type, elapsedNs, units) => {
    expect(countUnits(type, elapsedNs)).toBe(units);
  });
});
