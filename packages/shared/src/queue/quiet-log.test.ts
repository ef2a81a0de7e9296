import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { QUEUE_LIMITS } from './limits.ts';
import { createQuietLog } from './quiet-log.ts';

function setUp() {
  const lines: { msg: string; reason: string; alike: number }[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const clock = { nowMs: 0 };
  return { lines, clock, quiet: createQuietLog(pino(sink), () => clock.nowMs) };
}

describe('a quiet log', () => {
  it('tells the same thing once a while, and how often it kept silent', () => {
    const { lines, clock, quiet } = setUp();
    for (let i = 0; i < 1_000; i += 1) quiet('reply dropped', 'mac');
    clock.nowMs = QUEUE_LIMITS.faultLogMs;
    quiet('reply dropped', 'mac');
    expect(lines.map(({ reason, alike }) => [reason, alike])).toEqual([
      ['mac', 0],
      ['mac', 999],
    ]);
  });

  it('tells a new reason at once', () => {
    const { lines, quiet } = setUp();
    quiet('reply dropped', 'mac');
    quiet('reply dropped', 'queue');
    quiet('request dropped', 'mac');
    expect(lines).toHaveLength(3);
  });

  it('does not grow with the number of reasons', () => {
    const { lines, quiet } = setUp();
    const many = QUEUE_LIMITS.quietReasonsMax;
    for (let i = 0; i < many; i += 1) quiet('fault', `${i}`);
    quiet('fault', 'one more');
    quiet('fault', '0');
    expect(lines).toHaveLength(many + 2);
  });
});
