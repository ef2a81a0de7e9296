import { describe, expect, it } from 'vitest';
import { runDrill } from '../../scripts/drill/run-drill.ts';

describe('a drill', () => {
  it('2,500 payments over two signers while processes and Redis are killed: the books are right', async () => {
    const report = await runDrill({
      payments: 2_500,
      secondsBetweenKills: 2,
      seed: 7,
      secondsMax: 120,
      payers: 50,
      progress: () => undefined,
    });
    expect(report.checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(Object.keys(report.kills).length).toBeGreaterThan(0);
    expect(report.payments).toBeGreaterThanOrEqual(2_500);
  }, 300_000);
});
