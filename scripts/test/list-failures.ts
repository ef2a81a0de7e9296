import { relative } from 'node:path';

const LINE_MAX = 400;

/**
 * Names every failed test of one vitest run, from its JSON report, with the first line of what it
 * says: a long run is read from its end. A file that failed without a failed test is named itself.
 *
 * @param report the text of the report; undefined, or anything else, names nothing
 * @param root the folder that file names are relative to
 */
export function listFailures(report: string | undefined, root: string): string[] {
  return filesOf(report).flatMap((file) => {
    if (file.status !== 'failed') return [];
    const name = relative(root, String(file.name));
    const failed = (file.assertionResults ?? []).filter((test) => test.status === 'failed');
    if (failed.length === 0) return [lineOf(name, file.message)];
    return failed.map((test) => lineOf(`${name} > ${test.fullName}`, test.failureMessages?.[0]));
  });
}

type Test = { status?: string; fullName?: string; failureMessages?: string[] };
type TestFile = { status?: string; name?: string; message?: string; assertionResults?: Test[] };

function filesOf(report: string | undefined): readonly TestFile[] {
  try {
    const { testResults } = JSON.parse(report ?? '{}') as { testResults?: TestFile[] };
    return Array.isArray(testResults) ? testResults : [];
  } catch {
    return [];
  }
}

function lineOf(name: string, message: string | undefined): string {
  const first = (message ?? '').split('\n', 1)[0]?.trim();
  return (first ? `${name}: ${first}` : name).slice(0, LINE_MAX);
}
