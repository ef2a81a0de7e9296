import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEVNET_LIMITS } from '../limits.ts';
import { type AnvilOptions, anvilCommand } from './anvil-command.ts';
import { checkPort } from './check-port.ts';
import { checkStateFile } from './check-state-file.ts';
import { waitForAnvil } from './wait-for-anvil.ts';

/** A chain that runs as a child of this process. */
export type Anvil = {
  readonly rpcUrl: string;
  readonly pid: number;
  readonly exited: Promise<void>;
  readonly hasExited: () => boolean;
  /** Lets it write its state and ends it. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts a local chain and waits until it answers. Whoever supervises processes takes
 * {@link anvilCommand} and {@link waitForAnvil} instead.
 *
 * @throws Error when there is no anvil, or the port is taken.
 */
export async function startAnvil(
  options: AnvilOptions & { onNotice?: (line: string) => void },
): Promise<Anvil> {
  const { command, args } = anvilCommand(options);
  const aside = options.stateFile === undefined ? undefined : checkStateFile(options.stateFile);
  if (aside) options.onNotice?.(`the saved chain was half written; it is kept as ${aside}`);
  await checkPort(options.port);
  const child = spawn(command, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let ended = false;
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-1_000);
  });
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const stop = async () => {
    if (!ended) child.kill('SIGTERM');
    await Promise.race([exited, sleep(DEVNET_LIMITS.anvilStopMs, undefined, { ref: false })]);
    if (!ended) child.kill('SIGKILL');
    await exited;
  };
  const rpcUrl = `http://${urlHost(options.host)}:${options.port}`;
  try {
    await waitForAnvil(rpcUrl, () => ended);
  } catch (cause) {
    await stop();
    throw new Error(`anvil did not start on port ${options.port}: ${complaint.trim()}`, { cause });
  }
  return { rpcUrl, pid: child.pid ?? 0, exited, hasExited: () => ended, stop };
}

function urlHost(host: string | undefined): string {
  return host === undefined || host === '0.0.0.0' ? '127.0.0.1' : host;
}
