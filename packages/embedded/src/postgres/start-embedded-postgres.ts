import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMBEDDED_LIMITS } from '../limits.ts';
import { type StartedProcess, startProcess } from '../processes/start-process.ts';
import { stopProcess } from '../processes/stop-process.ts';
import { checkPort } from './check-port.ts';
import { clearStaleServer } from './clear-stale-server.ts';
import { connectionUrl } from './connection-url.ts';
import { initDataFolder } from './init-data-folder.ts';
import { type Placement, placePostgres } from './place-postgres.ts';
import { logLength, readLogTail } from './read-log-tail.ts';

/** How the server is started. */
export type EmbeddedPostgresOptions = {
  readonly dataDir: string;
  readonly port: number;
  /** Of the superuser `postgres`; set when the data folder is made. */
  readonly password: string;
  /** Of the other roles, for `url()`. */
  readonly rolePasswords?: Readonly<Record<string, string>>;
  /** The environment variable that moves the port; named in the error when it is taken. */
  readonly portVariable?: string;
  /** Pid file and log; the parent of `dataDir` unless told. */
  readonly runFolder?: string;
  readonly connectionsMax?: number;
  /** More settings, as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** No fsync: a crash of the machine (not of the server) loses the data. For tests. */
  readonly dangerouslyNoSync?: boolean;
  /** Lower is stopped first by a supervisor; the database goes last. */
  readonly stopOrder?: number;
  readonly onNotice?: (line: string) => void;
  /** For tests of the placement. */
  readonly placement?: { readonly relocationRoot?: string; readonly native?: string };
};

/** A server that runs. */
export type EmbeddedPostgres = {
  readonly port: number;
  /** Where the data really is; not always where it was asked for (see `placePostgres`). */
  readonly dataDir: string;
  readonly binFolder: string;
  readonly logFile: string;
  readonly process: StartedProcess;
  /** Connection URL of the superuser or of a role in `rolePasswords`. */
  readonly url: (role: string, database: string) => string;
  /** Fast shutdown: sessions are ended, a checkpoint is written. */
  readonly stop: () => Promise<void>;
};

/** The database is what everything else leans on. */
const STOP_LAST = 1_000;

/**
 * Starts the PostgreSQL that npm shipped, on the loopback only, and waits until it answers. Makes
 * the data folder at the first start, and recovers from a start or a run that was killed. As root
 * the server runs as an unprivileged user.
 *
 * @throws Error with what to do: port taken, folder not ours, no program for this machine.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const onNotice = options.onNotice ?? (() => undefined);
  const placement = placePostgres({ dataDir: options.dataDir, onNotice, ...options.placement });
  await clearStaleServer(placement.dataDir, onNotice);
  await checkPort(options.port, options.portVariable ?? 'POSTGRES_PORT');
  await initDataFolder(placement, {
    password: options.password,
    majorVersion: readMajorVersion(placement),
    dangerouslyNoSync: options.dangerouslyNoSync === true,
    onNotice,
  });
  const runFolder = options.runFolder ?? dirname(options.dataDir);
  const logFile = join(runFolder, 'postgres.log');
  const child = await startServer(placement, options, { runFolder, logFile });
  const passwords: Readonly<Record<string, string>> = {
    ...options.rolePasswords,
    postgres: options.password,
  };
  return {
    port: options.port,
    dataDir: placement.dataDir,
    binFolder: placement.binFolder,
    logFile,
    process: child,
    url: (role, database) => {
      const password = passwords[role];
      if (password === undefined) throw new Error(`no password is known for role ${role}`);
      return connectionUrl({ role, password, port: options.port, database });
    },
    stop: () => stopServer(child),
  };
}

async function startServer(
  placement: Placement,
  options: EmbeddedPostgresOptions,
  paths: { runFolder: string; logFile: string },
): Promise<StartedProcess> {
  const until = Date.now() + EMBEDDED_LIMITS.sharedMemoryWaitMs;
  for (;;) {
    const from = logLength(paths.logFile);
    const child = await startProcess({
      name: 'postgres',
      command: join(placement.binFolder, 'postgres'),
      args: serverArguments(placement.dataDir, options),
      pidFolder: paths.runFolder,
      logFile: paths.logFile,
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      stopSignal: 'SIGINT',
      stopOrder: options.stopOrder ?? STOP_LAST,
      ...(placement.user ? { user: placement.user } : {}),
    });
    if (await becomesReady(child, placement.dataDir)) return child;
    const tail = readLogTail(paths.logFile, from);
    // Orphans of a server that was killed let go of its memory within moments.
    if (tail.includes('pre-existing shared memory') && Date.now() < until) {
      await sleep(200);
      continue;
    }
    throw startFault(tail, options, paths.logFile);
  }
}

function serverArguments(dataDir: string, options: EmbeddedPostgresOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    max_connections: String(options.connectionsMax ?? EMBEDDED_LIMITS.connectionsMax),
    password_encryption: 'scram-sha-256',
    log_timezone: 'UTC',
    timezone: 'UTC',
    // Commits still reach the operating system, so that a kill of the server loses none.
    ...(options.dangerouslyNoSync ? { fsync: 'off', full_page_writes: 'off' } : {}),
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', dataDir, ...args];
}

/** The server writes its state into the eighth line of its own pid file, as pg_ctl reads it. */
async function becomesReady(child: StartedProcess, dataDir: string): Promise<boolean> {
  const until = Date.now() + EMBEDDED_LIMITS.postgresStartMs;
  while (Date.now() < until && !child.hasExited()) {
    const [pid, state] = readServerState(dataDir);
    if (pid === child.pid && state === 'ready') return true;
    await sleep(EMBEDDED_LIMITS.pollMs);
  }
  await stopProcess(child, { graceMs: 0 });
  return false;
}

function readServerState(dataDir: string): [number, string] {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return [Number(lines[0]), (lines[7] ?? '').trim()];
  } catch {
    return [0, ''];
  }
}

function readMajorVersion(placement: Placement): string {
  const { binFolder, user } = placement;
  const text = execFileSync(join(binFolder, 'postgres'), ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  const major = /(\d+)\.\d+/.exec(text)?.[1];
  if (major === undefined) throw new Error(`cannot read the version of Postgres from: ${text}`);
  return major;
}

function startFault(tail: string, options: EmbeddedPostgresOptions, logFile: string): Error {
  if (tail.includes('Address already in use')) {
    const variable = options.portVariable ?? 'POSTGRES_PORT';
    return new Error(`port ${options.port} (Postgres) is taken: free it, or set ${variable}`);
  }
  return new Error(`Postgres did not start; its log is ${logFile}:\n${tail}`);
}

async function stopServer(child: StartedProcess): Promise<void> {
  await stopProcess(child, { graceMs: EMBEDDED_LIMITS.postgresStopMs });
}
