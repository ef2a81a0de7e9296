import { describe, expect, it } from 'vitest';
import { formatResults } from './format-results.ts';

describe('the table of conformance', () => {
  it('has a line for each module under its plan, reasons, and the sums', () => {
    const text = formatResults([
      { plan: 'Basic OP', name: 'one', verdict: 'pass', detail: '' },
      { plan: 'Basic OP', name: 'two-longer', verdict: 'not offered', detail: 'why' },
      { plan: 'Config OP', name: 'three', verdict: 'fail', detail: 'what' },
    ]);
    expect(text.split('\n')).toEqual([
      'Basic OP',
      '  one         pass',
      '  two-longer  not offered  why',
      '',
      'Config OP',
      '  three       fail         what',
      '',
      '3 modules: 1 pass, 1 not offered, 1 fail',
    ]);
  });
});
