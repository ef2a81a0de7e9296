import { describe, expect, it } from 'vitest';
import { chooseFees, raiseFees } from './plan-transaction.ts';

describe('fees of a transaction', () => {
  it('last while the base fee doubles, within the bound', () => {
    expect(chooseFees({ baseFeeWei: 10n, tipWei: 1n }, 100n)).toEqual({
      maxFeeWei: 21n,
      maxPriorityFeeWei: 1n,
    });
    expect(chooseFees({ baseFeeWei: 10n, tipWei: 1n }, 15n)?.maxFeeWei).toBe(15n);
    expect(chooseFees({ baseFeeWei: 10n, tipWei: 1n }, 11n)?.maxFeeWei).toBe(11n);
    expect(chooseFees({ baseFeeWei: 10n, tipWei: 1n }, 10n)).toBeUndefined();
  });

  it('are raised by more than a tenth, both of them, from nothing too', () => {
    const last = { maxFeeWei: 1_000n, maxPriorityFeeWei: 0n };
    const raised = raiseFees(last, { baseFeeWei: 1n, tipWei: 0n }, 10_000n);
    expect(raised).toEqual({ maxFeeWei: 1_251n, maxPriorityFeeWei: 1n });
    const again = raiseFees(
      { maxFeeWei: 100n, maxPriorityFeeWei: 40n },
      { baseFeeWei: 500n, tipWei: 60n },
      10_000n,
    );
    expect(again).toEqual({ maxFeeWei: 1_060n, maxPriorityFeeWei: 60n });
  });

  it('are not raised above the bound', () => {
    const last = { maxFeeWei: 1_000n, maxPriorityFeeWei: 0n };
    expect(raiseFees(last, { baseFeeWei: 1n, tipWei: 0n }, 1_250n)).toBeUndefined();
  });
});
