import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePidFile } from './pid-file.ts';
import { isSameProcess, readProcessIdentity } from './process-identity.ts';
import { reapLeftovers } from './reap-leftovers.ts';
import { signalGroup } from './signal-group.ts';
import { type StartedProcess, type StartProcessOptions, startProcess } from './start-process.ts';
import { stopInOrder, stopProcess } from './stop-process.ts';

const FOREVER = 'setInterval(() => undefined, 1000);';
const DEAF = `process.on('SIGTERM', () => undefined); ${FOREVER}`;

let folder: string;
const started: StartedProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearinghouse-processes-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) await stopProcess(child, { signal: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

const logFile = () => join(folder, 'log');
const readLog = () => (existsSync(logFile()) ? readFileSync(logFile(), 'utf8') : '');
const pidFiles = () => readdirSync(folder).filter((name) => name.endsWith('.pid.json'));

async function start(script: string, options: Partial<StartProcessOptions> = {}) {
  const child = await startProcess({
    name: 'child',
    command: process.execPath,
    args: ['-e', `console.log('ready'); ${script}`],
    pidFolder: folder,
    logFile: logFile(),
    ...options,
  });
  started.push(child);
  await until(() => readLog().includes('ready'));
  return child;
}

async function until(ask: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!ask()) {
    if (Date.now() > end) throw new Error('it did not come to pass');
    await sleep(10);
  }
}

describe('the identity of a process', () => {
  it('is the same for the same process', () => {
    const own = readProcessIdentity(process.pid);
    expect(own).toBeDefined();
    expect(own && isSameProcess(own)).toBe(true);
  });

  it('differs when the number was given to another one', () => {
    const own = readProcessIdentity(process.pid);
    expect(own && isSameProcess({ ...own, startedAt: 'earlier' })).toBe(false);
    expect(own && isSameProcess({ ...own, command: 'postgres -D /elsewhere' })).toBe(false);
  });

  it('is none for one that has ended, and for numbers that are no single process', async () => {
    const child = await start('');
    await child.exited;
    expect(readProcessIdentity(child.pid)).toBeUndefined();
    for (const pid of [0, 1, -1, 1.5, Number.NaN]) expect(readProcessIdentity(pid)).toBeUndefined();
  });
});

describe('starting and stopping a child', () => {
  it('puts it in a group of its own and notes it down until it ends', async () => {
    const child = await start(FOREVER);
    expect(signalGroup(child.pid, 'SIGCONT')).toBe(true);
    expect(pidFiles()).toEqual(['child.pid.json']);
    expect(await stopProcess(child)).toEqual({ code: null, signal: 'SIGTERM' });
    expect(child.hasExited()).toBe(true);
    expect(pidFiles()).toEqual([]);
  });

  it('kills one that does not listen', async () => {
    const child = await start(DEAF);
    expect(await stopProcess(child, { graceMs: 50 })).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('ends what the child started and left behind', async () => {
    const child = await start(
      `const { pid } = require('node:child_process')
         .spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]);
       console.log('grandchild=' + pid); process.exit(0);`,
    );
    await child.exited;
    await until(() => /grandchild=\d+/.test(readLog()));
    const pid = Number(/grandchild=(\d+)/.exec(readLog())?.[1]);
    expect(readProcessIdentity(pid)).toBeDefined();
    await stopProcess(child);
    await until(() => readProcessIdentity(pid) === undefined);
  });

  it('copies lines with the name in front', async () => {
    const lines: string[] = [];
    const child = await start("console.error('two');", {
      prefixLines: true,
      onLine: (line) => lines.push(line),
    });
    await child.exited;
    await until(() => readLog().includes('two'));
    expect(readLog().split('\n').sort()).toEqual(['', '[child] ready', '[child] two']);
    expect(lines.sort()).toEqual(['ready', 'two']);
  });

  it('says which program cannot be run', async () => {
    const options = { name: 'none', pidFolder: folder, logFile: logFile(), args: [] };
    await expect(startProcess({ ...options, command: '/no/such/program' })).rejects.toThrow(
      'none: cannot run /no/such/program',
    );
  });

  it('stops in the order that was given', async () => {
    const say = (name: string) => `process.on('SIGTERM', () => {
      console.log('stop ${name}'); process.exit(0); }); ${FOREVER}`;
    const children = [
      await start(say('database'), { name: 'database', stopOrder: 9 }),
      await start(say('service'), { name: 'service', stopOrder: 1 }),
    ];
    await until(() => readLog().split('ready').length === 3);
    await stopInOrder(children);
    expect(readLog()).toMatch(/stop service\nstop database\n$/);
  });

  it('refuses to signal everything', () => {
    for (const pid of [0, 1, -1]) expect(() => signalGroup(pid, 'SIGCONT')).toThrow('refusing');
  });
});

describe('leftovers of a supervisor that was killed', () => {
  /** A supervisor of its own that starts one child and is then killed. */
  async function leaveBehind(script: string, stdin: 'heeds' | 'ignores'): Promise<number> {
    const heed =
      stdin === 'heeds' ? "process.stdin.on('end', () => process.exit(0)).resume();" : '';
    const supervisor = `
      import { startProcess } from ${JSON.stringify(join(import.meta.dirname, 'start-process.ts'))};
      const child = await startProcess({
        name: 'left', command: process.execPath,
        args: ['-e', ${JSON.stringify(`console.log('up'); ${heed} ${script}`)}],
        pidFolder: ${JSON.stringify(folder)}, logFile: ${JSON.stringify(logFile())},
      });
      console.log(child.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', supervisor]);
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    await until(() => readLog().includes('up'));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return Number(text.toString());
  }

  it('a child that reads its standard input ends by itself', async () => {
    const pid = await leaveBehind(FOREVER, 'heeds');
    await until(() => readProcessIdentity(pid) === undefined);
    expect(await reapLeftovers(folder)).toEqual([]);
    expect(pidFiles()).toEqual([]);
  });

  it.each([
    ['listens', FOREVER],
    ['does not listen', DEAF],
  ])('a child that %s is ended at the next start', async (_name, script) => {
    const pid = await leaveBehind(script, 'ignores');
    expect(readProcessIdentity(pid)).toBeDefined();
    expect(await reapLeftovers(folder, { graceMs: 200 })).toEqual(['left']);
    expect(readProcessIdentity(pid)).toBeUndefined();
    expect(pidFiles()).toEqual([]);
  });

  it('leaves a process alone that only has the number', async () => {
    const child = await start(FOREVER, { pidFolder: join(folder, 'elsewhere') });
    const identity = readProcessIdentity(child.pid);
    if (!identity) throw new Error('no identity');
    const record = { ...identity, name: 'old', stopSignal: 'SIGTERM', stopOrder: 0 } as const;
    writePidFile(folder, { ...record, startedAt: 'another boot:1' });
    expect(await reapLeftovers(folder)).toEqual([]);
    expect(child.hasExited()).toBe(false);
    expect(pidFiles()).toEqual([]);
  });

  it('has none in a folder that is not there', async () => {
    expect(await reapLeftovers(join(folder, 'nowhere'))).toEqual([]);
  });
});
