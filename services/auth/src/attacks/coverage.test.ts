import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const ROW = /^\| (S\d+) \|.*\| ([^|]+) \|$/gm;
const ATTACKS = 45;

const document = readFileSync(join(ROOT, 'docs/security-tests.md'), 'utf8');
const rows = [...document.matchAll(ROW)].map(([, number = '', cell = '']) => ({
  number,
  files: [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
}));

describe('docs/security-tests.md', () => {
  it('has every attack once, in order', () => {
    const numbers = Array.from({ length: ATTACKS }, (_, index) => `S${index + 1}`);
    expect(rows.map(({ number }) => number)).toEqual(numbers);
  });

  it.each(rows)('$number stands in each file that its row names', ({ number, files }) => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const path = file.startsWith('/') ? file.slice(1) : `services/auth/src/${file}`;
      const text = readFileSync(join(ROOT, path), 'utf8');
      expect(new RegExp(`\\b${number}\\b`).test(text), file).toBe(true);
    }
  });
});
