import { describe, expect, it } from 'vitest';
import { listFailures } from './list-failures.ts';

const report = JSON.stringify({
  testResults: [
    {
      status: 'failed',
      name: '/repo/a/one.test.ts',
      message: '',
      assertionResults: [
        { status: 'passed', fullName: 'sums up' },
        { status: 'failed', fullName: 'rounds down', failureMessages: ['Error: 3 is 4\n  at x'] },
        { status: 'failed', fullName: 'says nothing', failureMessages: [] },
      ],
    },
    { status: 'failed', name: '/repo/b.test.ts', message: 'does not load', assertionResults: [] },
    { status: 'passed', name: '/repo/c.test.ts', message: '', assertionResults: [] },
  ],
});

describe('naming what failed', () => {
  it('names tests with the first line of their message, and files that have no test', () => {
    expect(listFailures(report, '/repo')).toEqual([
      'a/one.test.ts > rounds down: Error: 3 is 4',
      'a/one.test.ts > says nothing',
      'b.test.ts: does not load',
    ]);
  });

  it.each([undefined, '{"testResults": [', '{}', 'null', '"text"'])(
    'names nothing of %j',
    (text) => {
      expect(listFailures(text, '/repo')).toEqual([]);
    },
  );

  it('keeps a message of a whole file short', () => {
    const [line] = listFailures(report.replace('does not load', 'x'.repeat(5_000)), '/repo').slice(
      -1,
    );
    expect(line).toHaveLength(400);
  });
});
