import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcessIdentity, startProcess, stopProcess } from '@clearinghouse/embedded';
import { expect, it } from 'vitest';
import { closeRunFolder, openRunFolder } from './run-folder.ts';

const FOREVER = ['-e', 'setInterval(() => undefined, 1000)'];

const startServer = (folder: string) =>
  startProcess({
    name: 'server',
    command: process.execPath,
    args: FOREVER,
    pidFolder: folder,
    logFile: join(folder, 'server.log'),
  });

it('clears what a run that was killed left behind: servers and files', async () => {
  const orphaned = await openRunFolder();
  const server = await startServer(orphaned);
  const owner = spawn(process.execPath, FOREVER);
  await once(owner, 'spawn');
  const identity = readProcessIdentity(owner.pid ?? 0);
  writeFileSync(join(orphaned, 'owner.json'), JSON.stringify(identity));
  const whileItRuns = await openRunFolder();
  expect(existsSync(orphaned)).toBe(true);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const next = await openRunFolder();
  expect(existsSync(orphaned)).toBe(false);
  expect((await server.exited).signal).toBe('SIGTERM');
  for (const folder of [whileItRuns, next]) await closeRunFolder(folder);
});

it('leaves a run alone whose folder has just been made', async () => {
  const young = await openRunFolder();
  rmSync(join(young, 'owner.json'));
  const other = await openRunFolder();
  expect(existsSync(young)).toBe(true);
  for (const folder of [young, other]) await closeRunFolder(folder);
});

it('ends the servers that a test forgot when the run ends', async () => {
  const folder = await openRunFolder();
  const server = await startServer(folder);
  await closeRunFolder(folder);
  expect(server.hasExited() || (await server.exited).signal).toBeTruthy();
  expect(existsSync(folder)).toBe(false);
  await stopProcess(server);
});
