import { expect, it } from 'vitest';
import { compareFigures } from './comparison.ts';

it('agrees to the unit, and not a wei less', () => {
  const wei = 10n ** 30n;
  expect(compareFigures('fee', ['a', wei], ['b', `${wei}`]).agrees).toBe(true);
  expect(compareFigures('fee', ['a', wei], ['b', wei - 1n]).agrees).toBe(false);
  expect(compareFigures('count', ['a', 3], ['b', 3n]).agrees).toBe(true);
});
