import { expect, test } from 'vitest';
import { createOpenAsks } from './open-asks.ts';

test('numbers rise from 1', () => {
  const asks = createOpenAsks();
  expect([asks.open(), asks.open(), asks.open()]).toEqual([1, 2, 3]);
  expect(asks.size()).toBe(3);
});

test('closed up to the ask before the lowest open one', () => {
  const asks = createOpenAsks();
  expect(asks.closedUpTo()).toBe(0);
  for (let count = 0; count < 4; count += 1) asks.open();
  expect(asks.closedUpTo()).toBe(0);
  asks.close(2);
  expect(asks.closedUpTo()).toBe(0);
  asks.close(1);
  expect(asks.closedUpTo()).toBe(2);
  asks.close(4);
  expect(asks.closedUpTo()).toBe(2);
  asks.close(3);
  expect(asks.closedUpTo()).toBe(4);
  expect(asks.open()).toBe(5);
  expect(asks.closedUpTo()).toBe(4);
});

test('closing twice changes nothing', () => {
  const asks = createOpenAsks();
  asks.open();
  asks.open();
  asks.close(1);
  asks.close(1);
  expect(asks.closedUpTo()).toBe(1);
  expect(asks.size()).toBe(1);
});
