import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type StartedProcess, startProcess } from '@clearinghouse/embedded';
import { waitReady } from './wait-ready.ts';

export type ServiceKind = 'auth' | 'billing' | 'signer';

/** What is needed to run one process of a service. */
export type StartServiceOptions = {
  readonly kind: ServiceKind;
  /** Unique among the processes of this stack, e.g. `billing` or `billing-2`. */
  readonly name: string;
  readonly root: string;
  readonly dataDir: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

/** Lower is stopped first: who asks before who answers. */
const STOP_ORDER: Readonly<Record<ServiceKind, number>> = { signer: 10, auth: 20, billing: 30 };
/**
 * Bounds of the heap. With V8's own on a large machine a loaded service takes twice the memory and
 * answers no faster worth mentioning (see bench/README.md). The compose file has the same flags.
 */
export const NODE_FLAGS = ['--max-semi-space-size=16', '--max-old-space-size=512'];
const START_TIMEOUT_MS = 60_000;

/** Starts one service process from source and waits until it serves. */
export async function startService(options: StartServiceOptions): Promise<StartedProcess> {
  const logs = join(options.dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, `${options.name}.log`);
  const child = await startProcess({
    name: options.name,
    command: process.execPath,
    args: [...NODE_FLAGS, join(options.root, 'services', options.kind, 'src/index.ts')],
    cwd: options.root,
    env: options.env,
    pidFolder: join(options.dataDir, 'pids'),
    logFile,
    stopOrder: STOP_ORDER[options.kind],
  });
  await waitReady(`http://127.0.0.1:${options.port}/healthz`, {
    name: options.name,
    timeoutMs: options.timeoutMs ?? START_TIMEOUT_MS,
    exited: child.hasExited,
    logFile,
  });
  return child;
}
