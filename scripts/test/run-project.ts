import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, countResults } from './count-results.ts';
import { listFailures } from './list-failures.ts';
import { runCommand } from './run-command.ts';

/** What a run of one project came to, and the names of its failed tests. */
export type ProjectRun = Counts & { readonly failures: readonly string[] };

/**
 * Runs one vitest project and counts its tests.
 *
 * @param args handed on to vitest; with arguments a project may have nothing to run
 */
export async function runProject(
  root: string,
  project: string,
  args: readonly string[],
): Promise<ProjectRun> {
  const folder = mkdtempSync(join(tmpdir(), 'clearinghouse-test-'));
  try {
    const file = join(folder, 'report.json');
    const code = await runCommand(root, 'vitest', [
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...(args.length > 0 ? ['--passWithNoTests', ...args] : []),
    ]);
    const report = readIfThere(file);
    return { ...countResults(report, code), failures: listFailures(report, root) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
