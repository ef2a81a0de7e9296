import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/fee-and-tickets.json' with { type: 'json' };
import { PROTOCOL } from '../limits.ts';
import { ZERO_TIME_NS } from '../sessions/state.ts';
import { billableUnits } from './billable-units.ts';

const NOW_NS = 1_775_592_000_123_456_789n;
const SEC = 1_000_000_000n;

function bill(type: string, elapsedNs: bigint | undefined, inPixels = 0n) {
  const lastUpdateNs = elapsedNs === undefined ? undefined : NOW_NS - elapsedNs;
  return billableUnits({ type, inPixels, nowNs: NOW_NS, lastUpdateNs, sessionIdleMaxSec: 600 });
}

function units(type: string, elapsedNs: bigint | undefined, inPixels = 0n): bigint | string {
  const billed = bill(type, elapsedNs, inPixels);
  return billed.ok ? billed.units : billed.code;
}

describe('billable units: the go-livepeer table', () => {
  const [first, ...later] = vectors.billableUnits;

  test('a first call bills the preload', () => {
    expect(units('lv2v', undefined)).toBe(BigInt(first?.lv2v.pixels ?? -1));
    expect(units('live', undefined)).toBe(BigInt(first?.live.units ?? -1));
    expect(units('fixed', undefined)).toBe(BigInt(first?.fixed.units ?? -1));
    expect(bill('lv2v', undefined)).toMatchObject({ billableMs: 60_000n });
    expect(bill('live', undefined)).toMatchObject({ billableMs: 10_000n });
  });

  test.each(later.filter((vector) => vector.billableSecsRaw > 0))(
    '$billableSecsRaw s since the last call',
    (vector) => {
      const elapsedNs = BigInt(Math.round(vector.billableSecsRaw * 1e9));
      expect(units('lv2v', elapsedNs)).toBe(BigInt(vector.lv2v.pixels));
      expect(units('live', elapsedNs)).toBe(BigInt(vector.live.units));
      expect(units('fixed', elapsedNs)).toBe(BigInt(vector.fixed.units));
    },
  );

  test('the pixel rate', () => {
    expect(PROTOCOL.lv2vPixelsPerSec).toBe(vectors.pixelRate.perSecond);
  });
});

describe('billable units: deviations from go-livepeer', () => {
  test.each(['lv2v', 'live'])(
    '%s: a clock that stands still or goes back bills nothing',
    (type) => {
      for (const elapsedNs of [0n, -1n, -5n * SEC]) expect(units(type, elapsedNs)).toBe(0n);
      const never = billableUnits({
        type,
        inPixels: 0n,
        nowNs: NOW_NS,
        lastUpdateNs: ZERO_TIME_NS,
        sessionIdleMaxSec: 600,
      });
      expect(never).toMatchObject({ ok: true, units: 0n });
    },
  );

  test.each(['lv2v', 'live'])('%s: a session idle for too long is refused', (type) => {
    expect(units(type, 600n * SEC + 1n)).toBe('session_idle');
    expect(units(type, 600n * SEC)).not.toBe('session_idle');
  });

  test('fixed and untyped jobs may rest: they do not bill time', () => {
    expect(units('fixed', 86_400n * SEC)).toBe(1n);
    expect(units('', 86_400n * SEC, 77n)).toBe(77n);
  });
});

describe('billable units: no job type', () => {
  test.each([0n, -1n, 9_223_372_036_854_775_807n])('inPixels %s as it is', (inPixels) => {
    expect(units('', undefined, inPixels)).toBe(inPixels);
  });
});

describe('billable units: properties', () => {
  test('live never bills less than the time, nor a second more', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 600n * SEC }), (elapsedNs) => {
        const billed = units('live', elapsedNs);
        if (typeof billed === 'string') throw new Error(billed);
        expect(billed * SEC >= elapsedNs && (billed - 1n) * SEC < elapsedNs).toBe(true);
      }),
    );
  });

  test('lv2v is within a pixel of the exact product', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 600n * SEC }), (elapsedNs) => {
        const billed = units('lv2v', elapsedNs);
        if (typeof billed === 'string') throw new Error(billed);
        const exact = (27_648_000n * elapsedNs) / SEC;
        expect(billed - exact >= -1n && billed - exact <= 1n).toBe(true);
      }),
    );
  });
});
