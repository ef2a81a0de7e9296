import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkWorkspaceBorders } from './check-workspace-borders.ts';

const billingFile = 'services/billing/src/holds/create-holds.ts';

function borders(path: string, specifier: string): string[] {
  return judge(checkWorkspaceBorders, path, `import type { A } from '${specifier}';`);
}

describe('borders between workspaces', () => {
  it.each([
    ['a service, shared', billingFile, '@clearinghouse/shared'],
    ['a service, npm', billingFile, 'zod'],
    ['a service, itself', billingFile, '../ledger/transaction.ts'],
    [
      'a service test, the packages for tests',
      billingFile.replace('.ts', '.test.ts'),
      '@clearinghouse/testing',
    ],
    ['a test of shared, testing', 'packages/shared/src/db/a.test.ts', '@clearinghouse/testing'],
    ['testing, the embedded server', 'packages/testing/src/a.ts', '@clearinghouse/embedded'],
    ['e2e, the demo', 'tests/e2e/a.test.ts', '../../scripts/demo/run-demo.ts'],
    ['e2e, the gateway double', 'tests/e2e/a.test.ts', '@clearinghouse/gateway-double'],
    [
      'bench, an operation',
      'bench/holds/run.ts',
      '../../services/billing/src/holds/create-holds.ts',
    ],
    [
      'a generator, declarations',
      'scripts/generate-openapi.ts',
      '../services/auth/src/http/routes.ts',
    ],
  ])('%s: may', (_name, path, specifier) => {
    expect(borders(path, specifier)).toEqual([]);
  });

  it.each([
    ['a service, another by path', billingFile, '../../../auth/src/apps/app.ts'],
    ['a service, another by name', billingFile, '@clearinghouse/auth'],
    [
      'a service test, another service',
      billingFile.replace('.ts', '.test.ts'),
      '../../../signer/src/limits.ts',
    ],
    ['a service, the packages for tests', billingFile, '@clearinghouse/testing'],
    ['a service, a package past its index', billingFile, '@clearinghouse/shared/src/clock.ts'],
    ['a service, a package by path', billingFile, '../../../../packages/shared/src/index.ts'],
    ['a service, scripts', billingFile, '../../../../scripts/test.ts'],
    ['shared, a service', 'packages/shared/src/a.ts', '../../../services/auth/src/limits.ts'],
    ['shared, another package', 'packages/shared/src/a.ts', '@clearinghouse/embedded'],
    ['shared, itself by name', 'packages/shared/src/a.ts', '@clearinghouse/shared'],
    ['the gateway double, shared', 'packages/gateway-double/src/a.ts', '@clearinghouse/shared'],
    ['e2e, internals of a service', 'tests/e2e/a.test.ts', '../../services/auth/src/limits.ts'],
    ['bench, a whole service', 'bench/run.ts', '../services/signer/src/deps.ts'],
    ['a script, a test', 'scripts/start.ts', '../tests/e2e/fixture/a.ts'],
    ['a script, a service', 'scripts/start.ts', '../services/signer/src/index.ts'],
  ])('%s: must not', (_name, path, specifier) => {
    expect(borders(path, specifier)).toHaveLength(1);
  });
});
