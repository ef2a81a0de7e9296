import { describe, expect, test } from 'vitest';
import { createTicketRisk } from './ticket-risk.ts';
import { weiToGwei } from './wei-to-gwei.ts';

describe('face value at risk', () => {
  test('is that of the tickets of this round and the last', () => {
    const risk = createTicketRisk();
    risk.add(9n, 1n, 9n);
    risk.add(10n, 20n, 10n);
    risk.add(11n, 300n, 11n);
    risk.add(11n, 300n, 11n);
    expect(risk.atRiskWei(11n)).toBe(620n);
    expect(risk.atRiskWei(12n)).toBe(600n);
    expect(risk.atRiskWei(13n)).toBe(0n);
  });

  test('is all of it while the chain was never read', () => {
    const risk = createTicketRisk();
    risk.add(1n, 5n, undefined);
    expect(risk.atRiskWei(undefined)).toBe(5n);
  });

  test('the round may have begun since the chain was read', () => {
    const risk = createTicketRisk();
    risk.add(12n, 5n, 11n);
    expect(risk.atRiskWei(11n)).toBe(5n);
  });

  test('rounds that a caller makes up are no risk, and are not kept', () => {
    const risk = createTicketRisk();
    for (let round = 13n; round < 1_000n; round += 1n) risk.add(round, 7n, 11n);
    risk.add(9n, 7n, 11n);
    expect(risk.atRiskWei(undefined)).toBe(0n);
  });
});

describe('amounts in metrics', () => {
  test.each([
    [0n, 0],
    [1n, 1e-9],
    [1_500_000_000n, 1.5],
    [10n ** 18n, 1e9],
  ])('%s wei is %s gwei', (wei, gwei) => {
    expect(weiToGwei(wei)).toBe(gwei);
  });
});
