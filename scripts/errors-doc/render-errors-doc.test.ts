import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '@clearinghouse/shared';
import { describe, expect, it } from 'vitest';
import { renderErrorsDoc } from './render-errors-doc.ts';

const page = join(import.meta.dirname, '../../docs/errors.md');

describe('docs/errors.md', () => {
  it('is current (npm run docs:errors)', () => {
    expect(readFileSync(page, 'utf8')).toBe(renderErrorsDoc(ERRORS));
  });

  it('tells every code once', () => {
    const told = renderErrorsDoc(ERRORS).match(/^\| `\w+` \|/gm) ?? [];
    expect(told.toSorted()).toEqual(
      Object.keys(ERRORS)
        .map((code) => `| \`${code}\` |`)
        .sort(),
    );
  });

  it('refuses a status that nobody explained', () => {
    const errors = { ...ERRORS, internal: { status: 418, message: 'a teapot' } };
    expect(() => renderErrorsDoc(errors)).toThrow('418');
  });
});
