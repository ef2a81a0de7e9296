import { describe, expect, it } from 'vitest';
import { addCounts, countResults } from './count-results.ts';

function report(fields: Record<string, unknown>): string {
  return JSON.stringify({ testResults: [], ...fields });
}

describe('counting tests', () => {
  it('reads what passed, failed and was left out', () => {
    const text = report({
      numPassedTests: 5,
      numFailedTests: 2,
      numPendingTests: 3,
      numTodoTests: 1,
      testResults: [{ status: 'failed', assertionResults: [{ status: 'failed' }] }],
    });
    expect(countResults(text, 1)).toEqual({ passed: 5, failed: 2, skipped: 4 });
  });

  it('a green run has no failure', () => {
    const counts = countResults(report({ numPassedTests: 5, numFailedTests: 0 }), 0);
    expect(counts).toEqual({ passed: 5, failed: 0, skipped: 0 });
  });

  it('a file that could not be loaded is a failure', () => {
    const text = report({
      numPassedTests: 5,
      numFailedTests: 0,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [{ status: 'passed' }] },
      ],
    });
    expect(countResults(text, 1).failed).toBe(1);
  });

  it('a run that ended badly is a failure though every test passed', () => {
    const text = report({ numPassedTests: 5, numFailedTests: 0 });
    expect(countResults(text, 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it.each([
    ['no report', undefined],
    ['half a report', '{"numPassedTests": 5,'],
    ['another report', '{}'],
    ['no object', '"5 passed"'],
  ])('%s is a failure, whatever the exit code says', (_name, text) => {
    expect(countResults(text, 0).failed).toBe(1);
    expect(countResults(text, 1).failed).toBe(1);
  });

  it('sums', () => {
    const all = [
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 20, skipped: 30 },
    ];
    expect(addCounts(all)).toEqual({ passed: 11, failed: 22, skipped: 33 });
    expect(addCounts([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
