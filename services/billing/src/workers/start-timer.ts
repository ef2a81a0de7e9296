import type { Logger } from '@clearinghouse/shared';

/** Work that is done again and again. */
export type Timer = { readonly stop: () => Promise<void> };

/**
 * Runs work at once and then again `intervalMs` after each run has ended: runs never overlap, and
 * one that fails is logged and does not stop the next.
 */
export function startTimer(options: {
  name: string;
  intervalMs: number;
  work: () => Promise<unknown>;
  log: Logger;
}): Timer {
  let stopped = false;
  let timeout: NodeJS.Timeout | undefined;
  const run = async () => {
    try {
      await options.work();
    } catch (error) {
      options.log.error({ timer: options.name, err: error }, 'timed work failed');
    }
    if (!stopped) timeout = setTimeout(start, options.intervalMs);
  };
  let current = Promise.resolve();
  const start = () => {
    current = run();
  };
  start();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timeout);
      await current;
    },
  };
}
