import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkConsole } from './check-console.ts';

describe('console', () => {
  it.each(['services/auth/src/a.ts', 'packages/shared/src/a.ts', 'services/auth/src/a.test.ts'])(
    '%s must not',
    (path) => {
      expect(judge(checkConsole, path, "console.log('a');")).toHaveLength(1);
    },
  );

  it.each(['scripts/a.ts', 'bench/a.ts', 'tests/e2e/a.test.ts'])('%s may', (path) => {
    expect(judge(checkConsole, path, "console.log('a');")).toEqual([]);
  });
});
