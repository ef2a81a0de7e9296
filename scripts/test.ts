import { join } from 'node:path';
import { addCounts, type Counts } from './test/count-results.ts';
import { runCommand } from './test/run-command.ts';
import { runProject } from './test/run-project.ts';

// Cheapest first, and all of them: a red check must not hide what the tests would have said.
const PROJECTS = ['unit', 'integration', 'peers', 'e2e'];

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);
let isStopped = false;
// The terminal tells the children too; they take their servers down, and then it is our turn.
process.on('SIGINT', () => {
  isStopped = true;
});

console.log('\n== check');
const isChecked = (await runCommand(root, 'npm', ['run', '--silent', 'check'])) === 0;
const counts: Counts[] = [{ passed: 0, failed: isChecked ? 0 : 1, skipped: 0 }];
const failures: string[] = [];
const obtain = 'packages/testing/src/peers/obtain-cli.ts';
const hasPeers = (await runCommand(root, 'node', [obtain])) === 0;
for (const project of PROJECTS) {
  if (isStopped) break;
  console.log(`\n== ${project}`);
  if (project === 'peers' && !hasPeers && process.env.CI !== 'true') continue;
  const run = await runProject(root, project, args);
  counts.push(run);
  failures.push(...run.failures);
}

if (!hasPeers) console.log('NOT RUN: the suites against browsers and servers of others, see above');
const { passed, failed, skipped } = addCounts(counts);
if (!isChecked) console.log('the check failed (counted as one): npm run check');
if (skipped > 0) console.log(`${skipped} skipped: this machine lacks what they need, see above`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = isStopped ? 130 : failed > 0 || passed === 0 ? 1 : 0;
