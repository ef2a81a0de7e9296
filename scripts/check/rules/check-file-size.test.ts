import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkFileSize } from './check-file-size.ts';

describe('size of a file', () => {
  it('400 lines may be', () => {
    expect(judge(checkFileSize, 'scripts/a.ts', 'f();\n'.repeat(400))).toEqual([]);
  });

  it('401 lines must not', () => {
    const said = judge(checkFileSize, 'scripts/a.ts', 'f();\n'.repeat(401));
    expect(said).toEqual(['1: 401 lines; at most 400']);
  });
});
