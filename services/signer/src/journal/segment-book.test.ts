import { beforeEach, expect, test } from 'vitest';
import { createSegmentBook, type SegmentBook } from './segment-book.ts';

let removed: number[];
let book: SegmentBook;
beforeEach(() => {
  removed = [];
  book = createSegmentBook((segment) => removed.push(segment));
});

test('a segment is removed when it is closed and all of it is acknowledged', () => {
  book.keep(1);
  book.keep(1);
  book.acknowledge(1);
  book.close(1);
  expect(removed).toEqual([]);
  book.acknowledge(1);
  expect(removed).toEqual([1]);
});

test('not while it is still written to', () => {
  book.keep(1);
  book.acknowledge(1);
  expect(removed).toEqual([]);
  book.keep(1);
  book.close(1);
  expect(removed).toEqual([]);
  book.acknowledge(1);
  expect(removed).toEqual([1]);
});

test('each on its own', () => {
  for (const segment of [1, 2, 3]) book.keep(segment);
  for (const segment of [1, 2]) book.close(segment);
  book.acknowledge(2);
  book.acknowledge(3);
  expect(removed).toEqual([2]);
  expect(book.needed()).toBe(1);
});
