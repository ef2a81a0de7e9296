import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkDefaultExports } from './check-default-exports.ts';

describe('default exports', () => {
  it.each([
    'export default function a() {}',
    'export default { a: 1 };',
    'const a = 1; export { a as default };',
    "export { default } from './a.ts';",
  ])('must not be: %s', (text) => {
    expect(judge(checkDefaultExports, 'services/auth/src/a.ts', text)).toHaveLength(1);
  });

  it('a tool configuration may, since the tool asks for it', () => {
    expect(judge(checkDefaultExports, 'tests/vitest.config.ts', 'export default {};')).toEqual([]);
  });

  it('named exports and imported defaults may', () => {
    const text = "import Koa from 'koa'; export const app = new Koa(); export type { A } from 'a';";
    expect(judge(checkDefaultExports, 'services/auth/src/a.ts', text)).toEqual([]);
  });
});
