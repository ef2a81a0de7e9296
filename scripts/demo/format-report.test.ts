import { expect, it } from 'vitest';
import { compareFigures } from './comparison.ts';
import type { DemoReport } from './demo-report.ts';
import { formatReport } from './format-report.ts';

function reportOf(comparisons: DemoReport['comparisons']): DemoReport {
  return {
    ok: comparisons.every((comparison) => comparison.agrees),
    payments: 3,
    tickets: 9,
    winners: 1,
    refreshes: 1,
    skips: 2,
    faceValueRedeemedWei: '20',
    balanceBeforeMicros: '1000',
    balanceAfterMicros: '990',
    payers: [{ payer: 'demo-ada', payments: 3, tickets: 9, feeWei: '7', chargeMicros: '10' }],
    refusals: [{ name: 'a price above maxPrice', status: 481, code: 'price_exceeded' }],
    comparisons,
    seconds: 1.5,
  };
}

it('says that all agree when they do', () => {
  const text = formatReport(reportOf([compareFigures('fee', ['a', 7n], ['b', '7'])]));
  expect(text).toContain('all 1 comparisons agree');
  expect(text).toContain('a price above maxPrice: 481');
});

it('names what does not agree, with both figures in full', () => {
  const long = 10n ** 60n;
  const text = formatReport(
    reportOf([compareFigures('fee', ['units', long], ['usage', long + 1n])]),
  );
  expect(text).toContain(`DOES NOT AGREE: fee: ${long} (units) but ${long + 1n} (usage)`);
  expect(text).not.toContain('comparisons agree');
});
