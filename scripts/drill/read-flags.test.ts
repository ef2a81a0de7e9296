import { describe, expect, it } from 'vitest';
import { readFlags } from './read-flags.ts';

describe('the flags of a drill', () => {
  it('has a hundred thousand payments of fifty payers unless told', () => {
    expect(readFlags([])).toMatchObject({ payments: 100_000, payers: 50, seed: 1, keep: false });
  });

  it('reads each', () => {
    const argv = ['--payments', '5', '--seconds-between-kills', '2', '--seed', '9', '--keep'];
    expect(readFlags(argv)).toMatchObject({
      payments: 5,
      secondsBetweenKills: 2,
      seed: 9,
      keep: true,
    });
  });

  it.each([
    ['--payments', '0'],
    ['--seed', '1.5'],
    ['--payers', '1e9'],
    ['--seed', 'x'],
  ])('refuses %s %s by name', (flag, value) => {
    expect(() => readFlags([flag, value])).toThrow(flag);
  });

  it('refuses a flag that it does not know', () => {
    expect(() => readFlags(['--payment', '5'])).toThrow();
  });
});
