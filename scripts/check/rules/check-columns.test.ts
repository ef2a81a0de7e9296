import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkColumns } from './check-columns.ts';

function columns(text: string): string[] {
  return judge(checkColumns, 'scripts/a.ts', text);
}

describe('columns', () => {
  it('100 may be, 101 must not', () => {
    expect(columns(`//${'a'.repeat(98)}`)).toEqual([]);
    expect(columns(`\n//${'a'.repeat(99)}`)).toEqual(['2: 101 columns; at most 100']);
  });

  it('an address or a text may be longer', () => {
    expect(columns(`// https://example.org/${'a'.repeat(100)}`)).toEqual([]);
    expect(columns(`const a = '${'a'.repeat(100)}';`)).toEqual([]);
  });
});
