import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isSurelyGone, ownIdentity, type ProcessIdentity } from './process-identity.ts';

const OWN = ownIdentity();

describe('a process is surely gone', () => {
  test('not this one', () => {
    expect(isSurelyGone(OWN, OWN)).toBe(false);
  });

  test('when another has its number', () => {
    expect(isSurelyGone({ ...OWN, startTicks: OWN.startTicks + 1 }, OWN)).toBe(true);
  });

  test('when it was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const exited = new Promise((resolve) => child.on('exit', resolve));
    const { pid = 0 } = child;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const startTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const identity: ProcessIdentity = { ...OWN, pid, startTicks };
    expect(isSurelyGone(identity, OWN)).toBe(false);
    child.kill('SIGKILL');
    await exited;
    expect(isSurelyGone(identity, OWN)).toBe(true);
  });

  test.each<[string, Partial<ProcessIdentity>]>([
    ['on another machine', { host: 'elsewhere' }],
    ['before this boot', { boot: 'another' }],
    ['in another container', { space: 'pid:[1]' }],
    ['where neither can be read', { boot: '', space: '' }],
  ])('is not known of one %s', (_name, change) => {
    const other = { ...OWN, startTicks: OWN.startTicks + 1, ...change };
    expect(isSurelyGone(other, OWN)).toBe(false);
  });
});
