import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSizes } from './describe-sizes.ts';
import { listBreaches } from './list-breaches.ts';
import { loadSources } from './source/load-sources.ts';

/** Rules that inform and do not fail: the formatter has the last word on these. */
const NOTES = new Set(['columns', 'nesting']);

const root = join(import.meta.dirname, '../..');
const documents = ['.env.example', 'docs/configuration.md']
  .map((name) => join(root, name))
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, 'utf8'));

const files = loadSources(root);
const breaches = listBreaches(files, documents);
for (const { path, line, rule, message } of breaches) {
  const note = NOTES.has(rule) ? ' (note)' : '';
  console.log(`${path}:${line}  ${rule}${note}  ${message}`);
}
const failures = breaches.filter(({ rule }) => !NOTES.has(rule)).length;
const notes = breaches.length - failures;
console.log(`house rules: ${failures} broken, ${notes} notes; ${describeSizes(files)}`);
process.exitCode = failures > 0 ? 1 : 0;
