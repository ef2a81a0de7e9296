import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, HOLD_REFUSALS } from '@clearinghouse/shared';
import { describe, expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '..');
const PAGE = join(SOURCES, '../../../docs/integrating-gateway.md');
/** Where a code is written that goes out over HTTP. */
const WRITTEN = [
  /refusePlan\('([a-z_]+)'/g,
  /refuseCode\(ctx, '([a-z_]+)'/g,
  /code: '([a-z_]+)'/g,
  /ServiceError\('([a-z_]+)'/g,
];
/** Codes of commands, of the way to the chain, and of what is told within the signer. */
const NOT_OVER_HTTP = /^(?:operator|watch|chain|keystore-cli|journal-cli|signer-cli|testing)\b/;

describe('docs/integrating-gateway.md names every code that a gateway may be told', () => {
  const page = readFileSync(PAGE, 'utf8');
  const files = globSync('**/*.ts', { cwd: SOURCES }).filter(
    (path) => !/\.test\.ts$|fixtures\//.test(path) && !NOT_OVER_HTTP.test(path),
  );
  const texts = files.map((path) => readFileSync(join(SOURCES, path), 'utf8'));
  const written = texts.flatMap((text) =>
    WRITTEN.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code)),
  );
  const known = new Set(Object.keys(ERRORS));
  const codes = new Set([
    ...written.filter((code) => known.has(code)),
    ...HOLD_REFUSALS,
    'internal',
  ]);

  test('there are many', () => {
    expect(codes.size).toBeGreaterThan(45);
  });

  test.each([...codes].sort())('%s', (code) => {
    expect(page).toContain(`\`${code}\``);
  });

  test('and every status beside a code is its own', () => {
    const rows = page.matchAll(/^\| (\d{3}) \| ((?:`[a-z_]+`(?:, )?)+) \|/gm);
    const told = [...rows].flatMap(([, status, list = '']) =>
      [...list.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => [code, Number(status)] as const),
    );
    expect(told.length).toBeGreaterThan(45);
    const wrong = told.filter(
      ([code, status]) => ERRORS[code as keyof typeof ERRORS]?.status !== status,
    );
    expect(wrong).toEqual([]);
  });
});
