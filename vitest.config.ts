import { defineConfig } from 'vitest/config';

// A test that reaches out fails wherever it runs. Given servers may stand anywhere.
const offline = ['packages/testing/src/setup-network.ts'];
const hasGivenServers = Boolean(process.env.DATABASE_URL || process.env.REDIS_URL);

// On a shared machine a process may stand still for seconds. There such a test has a second try, and
// the report names it ("retry x1"); here it has none, so that a race is seen where it can be mended.
const retry = process.env.CI === 'true' ? 1 : 0;

// A condition that is awaited has as long as a shared machine may stand still; one that never comes
// to pass is told of before the test's own end.
const patience = { expect: { poll: { timeout: 15_000 } } };

// What needs servers finds or starts them here; a server that cannot be had fails the run.
const withServers = {
  ...patience,
  globalSetup: ['packages/testing/src/global-setup.ts'],
  setupFiles: hasGivenServers ? [] : offline,
  testTimeout: 60_000,
  hookTimeout: 120_000,
  retry,
};
const never = ['**/node_modules/**', 'bench/**'];
const peers = ['**/*.browser.test.ts', 'tests/peers/**'];

// Four projects: `unit` needs nothing but Node; `integration` needs Postgres, Redis or the chain;
// `peers` needs programs of others too (Chromium, Apache); `e2e` runs whole stacks, which own ports
// and processors, one file after the other.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,services}/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...never, ...peers, '**/*.integration.test.ts'],
          setupFiles: offline,
          ...patience,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: [
            '{packages,services}/*/src/**/*.integration.test.ts',
            'scripts/**/*.integration.test.ts',
            'tests/**/*.test.ts',
          ],
          exclude: [...never, ...peers, 'tests/e2e/**'],
          ...withServers,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'peers',
          include: ['services/*/src/**/*.browser.test.ts', 'tests/peers/**/*.test.ts'],
          exclude: never,
          ...withServers,
          testTimeout: 120_000,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: never,
          ...withServers,
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
