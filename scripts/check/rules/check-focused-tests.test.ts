import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkFocusedTests } from './check-focused-tests.ts';

const path = 'services/auth/src/apps/create-app.test.ts';

describe('tests that are left out', () => {
  it.each([
    "it.only('a', f);",
    "it.skip('a', f);",
    "test.todo('a');",
    "describe.skip('a', f);",
    "it.each([1]).only('a', f);",
    "it.concurrent.skip('a', f);",
    "xit('a', f);",
    "fdescribe('a', f);",
  ])('must not be: %s', (text) => {
    expect(judge(checkFocusedTests, path, text)).toHaveLength(1);
  });

  it.each(["it('a', f);", "it.each([1])('a', f);", 'stream.skip(3);', 'const a = options.only;'])(
    'may be: %s',
    (text) => {
      expect(judge(checkFocusedTests, path, text)).toEqual([]);
    },
  );
});
