import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkMoneyNumbers } from './check-money-numbers.ts';

const path = 'services/billing/src/holds/price-hold.ts';

describe('money as a number', () => {
  it.each([
    'const a = parseFloat(text);',
    'const a = Number.parseFloat(text);',
    'const a = Number(feeWei);',
    'const a = Number(row.chargeMicros);',
    'const a = Number(row?.feeWei);',
    'const a = parseInt(amount, 10);',
    'const a = +feeWei;',
    'const a = { fee: doublePrecision() };',
    'type A = { readonly feeWei: number };',
    'function a(feeWei: number) {}',
    'const chargeMicros: number = 1;',
  ])('must not be: %s', (text) => {
    expect(judge(checkMoneyNumbers, path, text)).toHaveLength(1);
  });

  it.each([
    'const a = Number(port);',
    'const a = BigInt(feeWei);',
    'type A = { readonly feeWei: bigint; readonly expiresAtSec: number };',
    'function a(feeWei: Wei, ticketsMax: number) {}',
    'const chargeMicros = rows.length;',
  ])('may be: %s', (text) => {
    expect(judge(checkMoneyNumbers, path, text)).toEqual([]);
  });
});
