import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseSource, type SourceFile } from './parse-source.ts';

const PATTERNS = [
  'packages/*/src/**/*.ts',
  'services/*/src/**/*.ts',
  '{scripts,bench,tests}/**/*.ts',
];

/**
 * Every hand-written TypeScript file of the house, parsed, in the order of their paths.
 *
 * @param root absolute path of the repository
 */
export function loadSources(root: string): SourceFile[] {
  return globSync(PATTERNS, { cwd: root, exclude: (name) => name.endsWith('node_modules') })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/') && !path.endsWith('.d.ts'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}
