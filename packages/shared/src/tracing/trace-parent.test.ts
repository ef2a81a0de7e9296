import { describe, expect, it } from 'vitest';
import { formatTraceParent, parseTraceParent } from './trace-parent.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('W3C Trace Context: traceparent', () => {
  it('is read, and written in version 00', () => {
    const header = `00-${TRACE}-${SPAN}-01`;
    const parsed = parseTraceParent(header);
    expect(parsed).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
    if (parsed) expect(formatTraceParent(parsed)).toBe(header);
  });

  it.each([
    ['01', true],
    ['00', false],
    ['ff', true],
    ['02', false],
  ])('flags %s: sampled %s', (flags, isSampled) => {
    expect(parseTraceParent(`00-${TRACE}-${SPAN}-${flags}`)?.isSampled).toBe(isSampled);
  });

  it('of a later version is read as far as it is known', () => {
    expect(parseTraceParent(`cc-${TRACE}-${SPAN}-01-what-comes`)?.traceId).toBe(TRACE);
  });

  it.each([
    ['nothing', undefined],
    ['empty', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a line break', `00-${TRACE}-${SPAN}-01\n`],
    ['too much', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(200)}`],
  ])('%s is none', (_name, header) => {
    expect(parseTraceParent(header)).toBeUndefined();
  });
});
