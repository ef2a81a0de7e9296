import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkOpenWork } from './check-open-work.ts';

// The words stand here in pieces, so that this file does not hold what it forbids.
const words = [`TO${'DO'}`, `FIX${'ME'}`, `X${'XX'}`, `HA${'CK'}`];

describe('open work', () => {
  it.each(words)('%s must not be in a comment', (word) => {
    const text = `f();\n// ${word}: later\n/* ${word} */`;
    expect(judge(checkOpenWork, 'scripts/a.ts', text)).toEqual([
      `2: no ${word} in main`,
      `3: no ${word} in main`,
    ]);
  });

  it.each(words)('%s may be in a text', (word) => {
    expect(judge(checkOpenWork, 'scripts/a.ts', `const a = '${word}'; // why`)).toEqual([]);
  });
});
