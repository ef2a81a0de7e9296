import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMBEDDED_LIMITS } from '../limits.ts';
import { type ProcessIdentity, readProcessIdentity } from '../processes/process-identity.ts';
import { signalProcess } from '../processes/signal-group.ts';

/**
 * Clears what a killed run left in the data folder: a server that still runs on it is shut down,
 * a `postmaster.pid` whose process is gone, or is now another program, is removed.
 */
export async function clearStaleServer(
  dataDir: string,
  onNotice: (line: string) => void,
): Promise<void> {
  const path = join(dataDir, 'postmaster.pid');
  const pid = readPid(path);
  if (pid === undefined) return;
  const running = readProcessIdentity(pid);
  if (running && isServerOf(running, dataDir)) {
    onNotice(`a Postgres of an earlier run still serves ${dataDir} (pid ${pid}): stopping it`);
    await shutDown(pid, dataDir);
  } else {
    onNotice(`${path} was left by a server that is gone: removing it`);
  }
  rmSync(path, { force: true });
}

async function shutDown(pid: number, dataDir: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signalProcess(pid, signal);
    const until = Date.now() + EMBEDDED_LIMITS.stopGraceMs;
    while (Date.now() < until) {
      const running = readProcessIdentity(pid);
      if (!running || !isServerOf(running, dataDir)) return;
      await sleep(EMBEDDED_LIMITS.pollMs);
    }
  }
}

function isServerOf(running: ProcessIdentity, dataDir: string): boolean {
  const words = running.command.split(' ');
  return (words[0] ?? '').endsWith('postgres') && running.command.includes(`-D ${dataDir} `);
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
    return Number.isSafeInteger(pid) && pid > 1 ? pid : -1;
  } catch {
    return undefined;
  }
}
