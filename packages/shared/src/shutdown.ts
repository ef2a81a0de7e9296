import type { Logger } from './log.ts';

/** One step of stopping: named, so that a step that hangs can be told. */
export type ShutdownStep = { readonly name: string; readonly stop: () => Promise<unknown> };

const STEP_TIMEOUT_MS = 10_000;

/**
 * Stops a service in order on SIGTERM or SIGINT: intake, workers, connections. A second signal
 * exits at once. With `watchParent` the service also stops when the pipe from its supervisor
 * closes, so that a killed supervisor leaves nothing behind.
 */
export function onShutdown(
  options: { log: Logger; watchParent: boolean },
  steps: readonly ShutdownStep[],
): void {
  let stopping = false;
  const stop = async (reason: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    options.log.info({ reason }, 'stopping');
    for (const step of steps) await runStep(options.log, step);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  if (options.watchParent) {
    process.stdin.resume();
    process.stdin.on('end', () => void stop('supervisor gone'));
    process.stdin.on('error', () => void stop('supervisor gone'));
  }
}

async function runStep(log: Logger, step: ShutdownStep): Promise<void> {
  const timeout = new Promise<'timeout'>((resolve) =>
    setTimeout(() => resolve('timeout'), STEP_TIMEOUT_MS).unref(),
  );
  try {
    const result = await Promise.race([step.stop(), timeout]);
    if (result === 'timeout') log.warn({ step: step.name }, 'step of stopping took too long');
  } catch (error) {
    log.warn({ step: step.name, err: error }, 'step of stopping failed');
  }
}
