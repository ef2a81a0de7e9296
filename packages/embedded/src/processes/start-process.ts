import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, createWriteStream, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { EMBEDDED_LIMITS } from '../limits.ts';
import { removePidFile, writePidFile } from './pid-file.ts';
import { readProcessIdentity } from './process-identity.ts';

/** How a child is started. */
export type StartProcessOptions = {
  /** Kebab-case, unique in `pidFolder`; the pid file and the log's prefix are named by it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly pidFolder: string;
  readonly logFile: string;
  /** Copy each line through this process with `[name] ` in front, for a log that many share. */
  readonly prefixLines?: boolean;
  /** Called with every line; only with `prefixLines`. */
  readonly onLine?: (line: string) => void;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What asks it to stop; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals;
  /** Lower is stopped first, also by the next start if this one is killed. */
  readonly stopOrder?: number;
};

/** How a child ended. */
export type ProcessExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A running child. Its standard input stays open until this process ends. */
export type StartedProcess = {
  readonly name: string;
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopOrder: number;
  readonly exited: Promise<ProcessExit>;
  readonly hasExited: () => boolean;
};

/**
 * Starts a child in a process group of its own, so that the terminal's Ctrl-C does not reach it,
 * and notes it in a pid file that {@link reapLeftovers} reads at the next start. Its standard
 * input is a pipe that closes when this process dies, however it dies.
 *
 * @throws Error when the command cannot be run.
 */
export async function startProcess(options: StartProcessOptions): Promise<StartedProcess> {
  const child = spawnChild(options);
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new Error(`${options.name}: cannot run ${options.command}`, { cause: error })),
    );
  });
  child.stdin?.on('error', () => undefined);
  const pid = child.pid ?? 0;
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const stopOrder = options.stopOrder ?? 0;
  const identity = readProcessIdentity(pid);
  if (identity) {
    writePidFile(options.pidFolder, { ...identity, name: options.name, stopSignal, stopOrder });
  }
  let ended = false;
  const cleanUp = exited.then((exit) => {
    ended = true;
    removePidFile(options.pidFolder, options.name);
    return exit;
  });
  return {
    name: options.name,
    pid,
    stopSignal,
    stopOrder,
    exited: cleanUp,
    hasExited: () => ended,
  };
}

function spawnChild(options: StartProcessOptions): ChildProcess {
  const common = {
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.user === undefined ? {} : options.user),
  };
  const args = [...options.args];
  if (options.prefixLines) {
    const child = spawn(options.command, args, { ...common, stdio: 'pipe' });
    copyLines(child, options);
    return child;
  }
  // The child writes the file itself: its log goes on when this process is killed.
  const log = openSync(options.logFile, 'a');
  try {
    return spawn(options.command, args, { ...common, stdio: ['pipe', log, log] });
  } finally {
    closeSync(log);
  }
}

function copyLines(child: ChildProcess, options: StartProcessOptions): void {
  const file = createWriteStream(options.logFile, { flags: 'a' });
  file.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      const cut = line.slice(0, EMBEDDED_LIMITS.logLineMax);
      file.write(`[${options.name}] ${cut}\n`);
      options.onLine?.(cut);
    });
  }
  child.once('close', () => file.end());
}
