import { describe, expect, it } from 'vitest';
import { parseSource } from './parse-source.ts';

function importsOf(text: string) {
  return parseSource('scripts/a.ts', text).imports;
}

describe('reading imports', () => {
  it.each([
    ["import { a } from './a.ts';", './a.ts', false],
    ["import './a.ts';", './a.ts', false],
    ["import a, { type B } from './a.ts';", './a.ts', false],
    ["import type { A } from './a.ts';", './a.ts', true],
    ["import { type A, type B } from './a.ts';", './a.ts', true],
    ["export * from './a.ts';", './a.ts', false],
    ["export type * from './a.ts';", './a.ts', true],
    ["export { a } from './a.ts';", './a.ts', false],
    ["export { type A } from './a.ts';", './a.ts', true],
    ["const a = await import('./a.ts');", './a.ts', false],
    ["type A = import('./a.ts').A;", './a.ts', true],
  ])('%s', (text, specifier, isTypeOnly) => {
    expect(importsOf(text)).toEqual([{ specifier, line: 1, isTypeOnly }]);
  });

  it('does not take text or comments for imports', () => {
    expect(importsOf("// import './a.ts'\nconst a = \"import './b.ts'\";\nexport { a };")).toEqual(
      [],
    );
  });

  it('gives the line of each', () => {
    const lines = importsOf("import 'a';\n\nimport 'b';\n").map((entry) => entry.line);
    expect(lines).toEqual([1, 3]);
  });

  it('refuses a file that it cannot read', () => {
    expect(() => importsOf('const = 1;')).toThrow('scripts/a.ts');
  });
});
