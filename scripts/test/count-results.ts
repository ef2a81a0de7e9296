/** What a run of tests came to. */
export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

/**
 * Counts the tests of one vitest run from its JSON report. A file that could not be loaded has
 * no tests, and a run that broke down has no report: each counts as one failure, so that a count
 * of no failures means that everything ran.
 *
 * @param report the text of the report; undefined when there is none
 * @param exitCode what vitest ended with
 */
export function countResults(report: string | undefined, exitCode: number): Counts {
  const counts = readReport(report);
  if (exitCode === 0 || (counts && counts.failed > 0)) {
    return counts ?? { passed: 0, failed: 1, skipped: 0 };
  }
  return { passed: counts?.passed ?? 0, failed: 1, skipped: counts?.skipped ?? 0 };
}

/** The sum of several runs. */
export function addCounts(all: readonly Counts[]): Counts {
  const sum = (pick: (counts: Counts) => number) =>
    all.reduce((total, counts) => total + pick(counts), 0);
  return {
    passed: sum((counts) => counts.passed),
    failed: sum((counts) => counts.failed),
    skipped: sum((counts) => counts.skipped),
  };
}

function readReport(report: string | undefined): Counts | undefined {
  if (report === undefined) return undefined;
  const fields = parseObject(report);
  if (!fields || !Array.isArray(fields.testResults)) return undefined;
  return {
    passed: countOf(fields.numPassedTests),
    failed: countOf(fields.numFailedTests) + brokenFiles(fields.testResults),
    skipped: countOf(fields.numPendingTests) + countOf(fields.numTodoTests),
  };
}

/** Files that failed without a failed test: they did not load, or their hooks threw. */
function brokenFiles(files: readonly unknown[]): number {
  return files.filter((file) => {
    const { status, assertionResults } = asObject(file) ?? {};
    const tests = Array.isArray(assertionResults) ? assertionResults : [];
    return status === 'failed' && !tests.some((test) => asObject(test)?.status === 'failed');
  }).length;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0;
}
