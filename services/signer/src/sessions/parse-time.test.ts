import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import { decodeState } from './decode-state.ts';
import { formatTime } from './format-time.ts';
import { parseTime } from './parse-time.ts';
import { ZERO_TIME_NS } from './state.ts';

function lastUpdateOf(json: string): bigint | undefined {
  return decodeState(Buffer.from(`{"StateID":"a","LastUpdate":${json}}`))?.lastUpdateNs;
}

describe('LastUpdate: what Go reads', () => {
  test.each(vectors.timeUnmarshal)('$in', (vector) => {
    const instant = lastUpdateOf(vector.in);
    if ('err' in vector) expect(instant).toBeUndefined();
    else if (vector.isZero === 'true') expect(instant).toBe(ZERO_TIME_NS);
    else expect(instant).toBe(BigInt(vector.unixNano ?? ''));
  });

  test.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00,5Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01t00:00:00z',
  ])('%s is refused', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  test('the days that exist in leap years only', () => {
    expect(parseTime('2028-02-29T00:00:00Z')).toBe(1_835_395_200_000_000_000n);
  });
});

describe('LastUpdate: what Go writes', () => {
  test.each(vectors.timeMarshal)('%s', (json) => {
    const text: string = JSON.parse(json);
    const instant = parseTime(text);
    if (instant === undefined) throw new Error('not read');
    // Ours is always UTC; the one vector with an offset names the same instant.
    const utc = text.endsWith('-07:00') ? '2026-04-07T20:00:00.000000001Z' : text;
    expect(formatTime(instant)).toBe(utc);
  });

  test('any instant survives the way there and back', () => {
    const far = 250_000_000_000_000_000_000n;
    fc.assert(
      fc.property(fc.bigInt({ min: ZERO_TIME_NS, max: far }), (instant) => {
        expect(parseTime(formatTime(instant))).toBe(instant);
      }),
    );
  });
});
