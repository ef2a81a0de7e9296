import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@clearinghouse/embedded';
import { waitFor } from '@clearinghouse/testing';

export const ROOT = join(import.meta.dirname, '../..');

/** The ports and the data folder of one embedded start. */
export type StartEnv = Record<string, string>;

const PORTS = ['AUTH_PORT', 'BILLING_PORT', 'SIGNER_PORT', 'POSTGRES_PORT', 'ANVIL_PORT'];
const START_TIMEOUT_MS = 90_000;

/** A data folder and ports that nobody uses. */
export async function freshEnv(): Promise<StartEnv> {
  const env: StartEnv = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/root' };
  for (const name of PORTS) env[name] = String(await findFreePort());
  return { ...env, DATA_DIR: join(mkdtempSync(join(tmpdir(), 'clearinghouse-start-')), 'data') };
}

/** A start that runs; `script` gives it a terminal of its own, as a person would. */
export type Started = { readonly child: ChildProcess; readonly output: () => string };

/** Runs `npm start` under a pseudo-terminal (util-linux `script`). */
export function npmStart(env: StartEnv): Started {
  const child = spawn('script', ['-qec', 'npm --silent start', '/dev/null'], {
    cwd: ROOT,
    env: { ...env, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}

/** Waits for the closing table. */
export async function untilStarted(started: Started): Promise<void> {
  const isStarted = () => started.output().includes('npm run demo');
  await waitFor(() => isStarted() || started.child.exitCode !== null, {
    what: 'a started stack',
    timeoutMs: START_TIMEOUT_MS,
  });
  if (!isStarted()) throw new Error(`the start ended: ${started.output()}`);
}

/** Waits until the start has ended; its exit code. */
export async function untilEnded(started: Started): Promise<number> {
  return (await waitFor(() => started.child.exitCode ?? undefined, {
    what: 'the end of a start',
    timeoutMs: 60_000,
  })) as number;
}

/** Process number of the supervisor of this installation. */
export function supervisorOf(env: StartEnv): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    const text = readProcess(pid);
    return text.includes('scripts/start.ts ') && text.includes(env.DATA_DIR ?? '');
  });
  if (found === undefined) throw new Error('no supervisor');
  return Number(found);
}

/** Command lines of processes that have this installation's data folder or ports in them. */
export function processesOf(env: StartEnv): string[] {
  const marks = [env.DATA_DIR ?? '', ...PORTS.map((name) => `:${env[name]}`)];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => readProcess(pid))
    .filter((text) => marks.some((mark) => text.includes(mark)));
}

function readProcess(pid: string): string {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (command.startsWith('script ') || /^(npm|sh|bash) /.test(command)) return '';
    return `${command} ${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
  } catch {
    return '';
  }
}

/** What the start wrote down. */
export function devJsonOf(env: StartEnv): { apiKey: string; app: { id: string }; origin: string } {
  const path = join(env.DATA_DIR ?? '', 'dev.json');
  if (!existsSync(path)) throw new Error('no dev.json');
  return JSON.parse(readFileSync(path, 'utf8'));
}
