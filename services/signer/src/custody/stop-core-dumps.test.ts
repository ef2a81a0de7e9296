import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkCoreDumps } from '../preconditions.ts';
import { type CoreDumps, isLimitZero } from './stop-core-dumps.ts';

describe('a crash writes no memory to a disk', () => {
  test('Linux leaves every mapping out, whatever the limit is', () => {
    const file = join(import.meta.dirname, 'stop-core-dumps.ts');
    const script = `
      import { stopCoreDumps } from ${JSON.stringify(file)};
      import { readFileSync } from 'node:fs';
      const before = readFileSync('/proc/self/coredump_filter', 'utf8').trim();
      const state = stopCoreDumps();
      const after = readFileSync('/proc/self/coredump_filter', 'utf8').trim();
      console.log(JSON.stringify({ before, state, after }));`;
    const args = ['--input-type=module', '-e', script];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const { before, state, after } = JSON.parse(stdout);
    expect(Number.parseInt(before, 16)).toBeGreaterThan(0);
    expect({ state, after }).toEqual({ state: 'off', after: '00000000' });
  });

  test.each([
    ['Max core file size        0                    unlimited            bytes', true],
    ['Max core file size        unlimited            unlimited            bytes', false],
    ['Max core file size        1024                 unlimited            bytes', false],
    ['Max data size             0                    0                    bytes', false],
  ])('%s', (line, isZero) => {
    expect(isLimitZero(`Limit  Soft Limit  Hard Limit  Units\n${line}\n`)).toBe(isZero);
  });
});

describe('a signer that would write its key to a disk does not start', () => {
  const check = (state: CoreDumps, holdsKeys: boolean, allowsCoreDumps: boolean) => () =>
    checkCoreDumps(state, { holdsKeys, allowsCoreDumps });

  test('with a key of its own, unless told', () => {
    expect(check('on', true, false)).toThrow(/ulimit -c 0/);
    expect(check('on', true, true)).not.toThrow();
  });

  test('it does where no memory is written, there is no key, or it cannot be known', () => {
    expect(check('off', true, false)).not.toThrow();
    expect(check('on', false, false)).not.toThrow();
    expect(check('unknown', true, false)).not.toThrow();
  });
});
