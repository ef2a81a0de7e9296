import { describe, expect, it } from 'vitest';
import { parseSource } from '../source/parse-source.ts';
import { checkImportCircles } from './check-import-circles.ts';

function circles(files: Readonly<Record<string, string>>): string[] {
  const sources = Object.entries(files).map(([path, text]) => parseSource(path, text));
  return checkImportCircles(sources).map((breach) => breach.message);
}

describe('import circles', () => {
  it('lets a tree and a diamond pass', () => {
    const files = {
      'scripts/a.ts': "import './b.ts'; import './c.ts';",
      'scripts/b.ts': "import './d.ts';",
      'scripts/c.ts': "import './d.ts'; import './d.ts';",
      'scripts/d.ts': "import 'node:fs';",
    };
    expect(circles(files)).toEqual([]);
  });

  it('finds a circle made of types only', () => {
    const files = {
      'scripts/a.ts': "import type { B } from './b.ts';",
      'scripts/b.ts': "import { type A } from './a.ts';",
    };
    expect(circles(files)).toEqual(['circle: scripts/a.ts -> scripts/b.ts']);
  });

  it('finds a circle over three files, and each of two circles once', () => {
    const files = {
      'scripts/a.ts': "import './b.ts';",
      'scripts/b.ts': "export * from './c.ts';",
      'scripts/c.ts': "const a = await import('./a.ts'); export { a };",
      'scripts/x.ts': "type Y = import('./y.ts').Y; export type { Y };",
      'scripts/y.ts': "import './x.ts'; import './a.ts';",
    };
    expect(circles(files)).toHaveLength(2);
  });

  it('finds a file that imports itself', () => {
    expect(circles({ 'scripts/a.ts': "import './a.ts';" })).toHaveLength(1);
  });

  it('finds a circle through the index of a package', () => {
    const files = {
      'packages/shared/src/index.ts': "export * from './a.ts';",
      'packages/shared/src/a.ts': "import '@clearinghouse/shared';",
    };
    expect(circles(files)).toHaveLength(1);
  });
});
