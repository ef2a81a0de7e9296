import { describe, expect, it } from 'vitest';
import type { DrillReport } from './drill-options.ts';
import { formatReport } from './format-report.ts';

const report = (holds: boolean): DrillReport => ({
  ok: holds,
  checks: [{ name: 'nothing held', expected: '0', actual: holds ? '0' : '7', holds }],
  answers: { 200: 3, 503: 1 },
  payments: 3,
  kills: {},
  seconds: 2,
  perSecond: 1.5,
  dataDir: '/tmp/drill',
});

describe('the report of a drill', () => {
  it('says that all rules hold', () => {
    expect(formatReport(report(true))).toContain('all 1 rules hold');
    expect(formatReport(report(true))).not.toContain('BREACH');
  });

  it('names a broken rule, what was wanted, and where the logs are', () => {
    const text = formatReport(report(false));
    expect(text).toMatch(/BREACH +nothing held +7 +\(expected 0\)/);
    expect(text).toContain('/tmp/drill');
  });
});
