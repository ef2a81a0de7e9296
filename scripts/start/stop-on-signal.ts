/** The terminal and npm both pass Ctrl-C on: the second within this time is the same one. */
const REPEAT_MS = 1000;

/**
 * Calls `stop` once on Ctrl-C or SIGTERM. A repeat within a second is ignored; a later one,
 * while stopping goes on, gives up waiting (the next start reaps what is left).
 */
export function stopOnSignal(stop: (signal: string) => Promise<void>): void {
  let firstAt: number | undefined;
  const take = (signal: string) => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      void stop(signal);
      return;
    }
    if (now - firstAt > REPEAT_MS) process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => take(signal));
  }
}
