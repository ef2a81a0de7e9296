import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const ROW = /^\| ([SPCKR]\d+) \|.*\| ([^|]+) \|$/gm;
const ATTACKS = 45;
const PITFALLS = 30;
const SETTINGS = 9;
const KEY_RULES = 9;
/** The rows of the page on AI authentication that API keys have to make true. */
const KEY_ROWS = [1, 2, 3, 7, 8, 9, 10];

const document = readFileSync(join(ROOT, 'docs/security-tests.md'), 'utf8');
const rows = [...document.matchAll(ROW)].map(([, number = '', cell = '']) => ({
  number,
  files: [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
}));
const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

describe('docs/security-tests.md', () => {
  it('has every attack, pitfall, setting, key rule and row once, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual([
      ...numbered('S', ATTACKS),
      ...numbered('P', PITFALLS),
      ...numbered('C', SETTINGS),
      ...numbered('K', KEY_RULES),
      ...KEY_ROWS.map((row) => `R${row}`),
    ]);
  });

  it.each(rows)('$number stands in each file that its row names', ({ number, files }) => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const path = file.startsWith('/') ? file.slice(1) : `services/auth/src/${file}`;
      const text = readFileSync(join(ROOT, path), 'utf8');
      expect(mentions(number).test(text), file).toBe(true);
    }
  });
});

/** As titles have it: `S7`, `pitfalls 1 and 2`, `row 9`. */
function mentions(number: string): RegExp {
  const [letter, digits] = [number.slice(0, 1), number.slice(1)];
  if (letter === 'P') return new RegExp(`[pP]itfalls?( \\d+(,| and))* ${digits}\\b`);
  if (letter === 'R') return new RegExp(`rows?( \\d+(,| and))* ${digits}\\b`);
  return new RegExp(`\\b${number}\\b`);
}
