import type { DrillReport } from './drill-options.ts';

const NAME_WIDTH = 62;

/** The report as a table for a terminal. */
export function formatReport(report: DrillReport): string {
  const lines = report.checks.map(({ name, expected, actual, holds }) => {
    const found = holds ? actual : `${actual}  (expected ${expected})`;
    return `${holds ? 'ok    ' : 'BREACH'}  ${name.padEnd(NAME_WIDTH)}  ${found}`;
  });
  const breaches = report.checks.filter(({ holds }) => !holds).length;
  return [
    '',
    ...lines,
    '',
    `${report.payments} payments in ${report.seconds.toFixed(1)} s ` +
      `(${report.perSecond.toFixed(0)}/s); answers: ${counts(report.answers)}`,
    `killed: ${counts(report.kills)}`,
    breaches === 0
      ? `all ${report.checks.length} rules hold`
      : `${breaches} rules are broken; logs are in ${report.dataDir}`,
  ].join('\n');
}

function counts(byName: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byName).map(([name, count]) => `${name} ${count}`);
  return parts.join(', ') || 'none';
}
