/**
 * Lets at most `max` calls run at once; the others wait their turn, first come first served.
 * What waits is bounded by the caller (here: by the envelopes of the jobs a worker holds).
 */
export function limitConcurrency(max: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
