/** Waits until a URL answers 200, or the process behind it is gone. */
export async function waitReady(
  url: string,
  options: { name: string; timeoutMs: number; exited: () => boolean; logFile: string },
): Promise<void> {
  const until = Date.now() + options.timeoutMs;
  while (Date.now() < until) {
    if (options.exited()) break;
    if (await answers(url)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const why = options.exited() ? 'stopped' : `did not answer within ${options.timeoutMs / 1000} s`;
  throw new Error(`${options.name} ${why}; its log is ${options.logFile}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
