import { describe, expect, it } from 'vitest';
import { judge } from '../source/judge.ts';
import { checkNesting } from './check-nesting.ts';

function nesting(text: string): string[] {
  return judge(checkNesting, 'scripts/a.ts', text);
}

describe('nesting', () => {
  it('three levels may be', () => {
    expect(nesting('if (a) { for (const b of c) { while (d) { e(); } } }')).toEqual([]);
  });

  it('four must not, named once', () => {
    const text = 'if (a) { for (const b of c) { while (d) { try { if (f) g(); } finally {} } } }';
    expect(nesting(text)).toEqual(['1: nested deeper than 3']);
  });

  it('else if is no deeper', () => {
    expect(
      nesting('if (a) {} else if (b) {} else if (c) {} else if (d) {} else if (e) {}'),
    ).toEqual([]);
  });

  it('what stands within an else if is', () => {
    const text = 'if (a) {} else if (b) { if (c) { if (d) { if (e) {} } } }';
    expect(nesting(text)).toHaveLength(1);
  });

  it('a function begins anew', () => {
    const text = 'if (a) { if (b) { if (c) { f(() => { if (d) e(); }); } } }';
    expect(nesting(text)).toEqual([]);
  });
});
