import { describe, expect, it } from 'vitest';
import { listBreaches } from './list-breaches.ts';
import { parseSource } from './source/parse-source.ts';

const files = [
  parseSource(
    'services/auth/src/config.ts',
    `export const fields = { AUTH_PORT: process.env.AUTH_PORT };`,
  ),
  parseSource(
    'services/auth/src/apps/a.ts',
    `import '../deps.ts';
import '@clearinghouse/signer';
import './a.ts';
export default 1;
console.log(process.env.A, Number(feeWei)); // FIX${'ME'}
try { f(); } catch {}
`,
  ),
  parseSource('services/auth/src/apps/a.test.ts', `it.only('a', f);`),
];

describe('all rules together', () => {
  it('each is asked, and the answer is in the order of path and line', () => {
    const found = listBreaches(files, ['PORT']).map(({ path, line, rule }) => [path, line, rule]);
    const rules = found.map(([, , rule]) => rule);
    expect(rules.toSorted()).toEqual([
      'console',
      'default-exports',
      'documented-variables',
      'empty-catch',
      'environment-reads',
      'focused-tests',
      'import-circles',
      'money-numbers',
      'open-work',
      'service-layers',
      'workspace-borders',
    ]);
    expect(found.map(([path]) => path)).toEqual(found.map(([path]) => path).toSorted());
  });

  it('without documents variables are not asked for', () => {
    const rules = listBreaches(files, []).map((breach) => breach.rule);
    expect(rules).not.toContain('documented-variables');
  });
});
