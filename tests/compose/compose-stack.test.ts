import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEVELOPMENT_FUNDS, DEVELOPMENT_ORCHESTRATOR_KEY, type Seeded } from '@clearinghouse/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDemo } from '../../scripts/demo/run-demo.ts';
import { declaredMetrics, metricsOf, readExpressions } from './fixture-monitoring.ts';
import { type ComposeStack, DIRECT, seedStack, startComposeStack } from './fixture-stack.ts';

describe('each service, with the command and the environment that compose gives it', () => {
  let stack: ComposeStack;
  let seeded: Seeded;
  beforeAll(async () => {
    stack = await startComposeStack(DIRECT);
    seeded = await seedStack(stack);
  }, 180_000);
  afterAll(() => stack?.stop());

  it('does the main job: roles and ACLs give each service what it needs', async () => {
    const { evm, url } = stack;
    const report = await runDemo({
      issuer: `${url('auth')}/api/v1/oidc`,
      origin: url('auth'),
      signerUrl: url('signer'),
      rpcUrl: evm.rpcUrl,
      contracts: evm.contracts,
      app: seeded.app,
      admin: seeded.admin,
      apiKey: seeded.apiKey,
      orchestratorKey: DEVELOPMENT_ORCHESTRATOR_KEY,
      payments: 60,
      progress: () => undefined,
    });
    expect(report.comparisons.filter((comparison) => !comparison.agrees)).toEqual([]);
    expect(report.ok).toBe(true);
  }, 240_000);

  it('shows deposit and reserve to whoever may run commands in the signer’s container', async () => {
    const cli = join(import.meta.dirname, '../../services/signer/src/signer-cli.ts');
    const run = promisify(execFile);
    const env = stack.env('signer');
    const { stdout } = await run(process.execPath, [cli, 'funds', 'show'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      ticketBroker: stack.evm.contracts.ticketBroker.toLowerCase(),
      reserveWei: String(DEVELOPMENT_FUNDS.reserveWei),
      payments: 'made',
    });
  });

  it('tells every metric that the dashboard and the alerts ask for', async () => {
    const texts = await Promise.all((['auth', 'billing', 'signer'] as const).map(stack.metrics));
    const known = new Set(texts.flatMap(declaredMetrics));
    const unknown = readExpressions().filter(([, expression]) =>
      metricsOf(expression).some((name) => !known.has(name)),
    );
    expect(unknown).toEqual([]);
    expect(texts[2]).toMatch(/^signer_watch_lag_blocks 0$/m);
    expect(texts[2]).toMatch(/^signer_payments_total\{code="ok"\} [1-9]/m);
    expect(texts[1]).toMatch(/^billing_holds_total\{code="granted"\} [1-9]/m);
    expect(texts[0]).toMatch(/^auth_requests_total\{route="\/token",status="200"\} [1-9]/m);
  });
});
