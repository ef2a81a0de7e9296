import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDemo } from '../../scripts/demo/run-demo.ts';
import { demoConfigOf } from './fixture/demo-config.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

describe.each(['redis', 'postgres'] as const)('the main job, queue on %s', (backend) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ backend });
  });
  afterAll(() => stack?.stop());

  it('token, hold, ticket, usage and ledger agree to the wei', async () => {
    const report = await runDemo(demoConfigOf(stack, 80));
    expect(report.comparisons.filter((comparison) => !comparison.agrees)).toEqual([]);
    expect(report.comparisons.length).toBeGreaterThan(5);
  }, 240_000);
});
