import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkEnvironmentReads } from './check-environment-reads.ts';

const operation = 'services/auth/src/apps/create-app.ts';

describe('reads of the environment', () => {
  it.each([
    'const home = process.env.HOME;',
    "const home = process['env'];",
    'const { env } = process;',
    "import { env } from 'node:process';",
  ])('an operation must not: %s', (text) => {
    expect(judge(checkEnvironmentReads, operation, text)).toHaveLength(1);
  });

  it.each([
    'services/auth/src/config.ts',
    'services/auth/src/apps/create-app.test.ts',
    'packages/shared/src/config/read-env.ts',
    'packages/testing/src/postgres.ts',
    'scripts/start.ts',
    'bench/run.ts',
  ])('%s may', (path) => {
    expect(judge(checkEnvironmentReads, path, 'const a = process.env.A;')).toEqual([]);
  });

  it('lets other uses of the process pass', () => {
    expect(judge(checkEnvironmentReads, operation, 'process.exit(1);')).toEqual([]);
  });

  it('holds for a folder named config and for another package', () => {
    const text = 'const a = process.env.A;';
    for (const path of ['services/auth/src/config/a.ts', 'packages/shared/src/log.ts']) {
      expect(judge(checkEnvironmentReads, path, text)).toHaveLength(1);
    }
  });
});
