import type { Comparison } from './comparison.ts';
import type { DemoReport } from './demo-report.ts';

/** Longer figures, such as exact fractions, are shown by their ends. */
const FIGURE_CHARS_MAX = 44;

/** The report as tables for a terminal. */
export function formatReport(report: DemoReport): string {
  return [
    '',
    formatTable(
      ['payer', 'payments', 'tickets', 'fee (wei)', 'charge (micro-USD)'],
      report.payers.map((line) => [
        line.payer,
        `${line.payments}`,
        `${line.tickets}`,
        line.feeWei,
        line.chargeMicros,
      ]),
    ),
    '',
    formatTable(['', 'what must agree', 'one side', 'the other'], report.comparisons.map(toRow)),
    '',
    `${report.payments} payments, ${report.tickets} tickets, ${report.winners} winners redeemed for ` +
      `${report.faceValueRedeemedWei} wei`,
    `refreshed sessions (480): ${report.refreshes}; covered calls (482): ${report.skips}; ` +
      report.refusals.map(({ name, status }) => `${name}: ${status}`).join('; '),
    `ledger balance: ${report.balanceBeforeMicros} before, ${report.balanceAfterMicros} after ` +
      `(micro-USD); ${report.seconds} s`,
    verdictOf(report),
  ].join('\n');
}

function verdictOf(report: DemoReport): string {
  const wrong = report.comparisons.filter((comparison) => !comparison.agrees);
  if (wrong.length === 0) return `all ${report.comparisons.length} comparisons agree`;
  return wrong
    .map(
      ({ name, left, right }) =>
        `DOES NOT AGREE: ${name}: ${left.value} (${left.source}) but ` +
        `${right.value} (${right.source})`,
    )
    .join('\n');
}

function toRow({ name, left, right, agrees }: Comparison): string[] {
  const show = ({ source, value }: Comparison['left']): string => `${shorten(value)}  ${source}`;
  return [agrees ? '=' : '!', name, show(left), show(right)];
}

function shorten(value: string): string {
  if (value.length <= FIGURE_CHARS_MAX) return value;
  const half = FIGURE_CHARS_MAX / 2 - 1;
  return `${value.slice(0, half)}…${value.slice(-half)}`;
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
