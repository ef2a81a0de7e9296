import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROTOCOL_ROWS } from './fixtures/rows.ts';

const FOLDER = import.meta.dirname;
/** Beginnings of names: `3.3 row 7`, also with a letter behind it, and several in one name. */
const NAME = /(?<=['"`]|, )(?:3\.[3467]|10|13) [a-z_]+(?: (?:[0-9]+[a-z]?|[a-z]+))*/g;

function namesOfTests(): Set<string> {
  const files = [
    ...readdirSync(FOLDER).filter((name) => /^section-.*\.test\.ts$/.test(name)),
    'fixtures/payment-faults.ts',
  ];
  const texts = files.map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  const names = texts.flatMap((text) => text.match(NAME) ?? []);
  return new Set(names.map((name) => name.replace(/(row [0-9]+)[a-z].*$/, '$1')));
}

describe('every row of the protocol has a test of its name', () => {
  const names = namesOfTests();

  test.each(Object.entries(PROTOCOL_ROWS))('section %s', (_, rows) => {
    expect(rows.filter((row) => !names.has(row))).toEqual([]);
  });

  test('and no test names a row that there is none of', () => {
    const rows = new Set<string>(Object.values(PROTOCOL_ROWS).flat());
    expect([...names].filter((name) => !rows.has(name))).toEqual([]);
  });
});
