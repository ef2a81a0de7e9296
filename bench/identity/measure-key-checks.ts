import type { BenchStack } from '../payments/bench-stack.ts';
import { cpuSeconds } from '../payments/read-memory.ts';
import { requestBytes } from './http-connection.ts';
import { measureRate, type Rate } from './measure-rate.ts';

/** An API key, checked over HTTP as a proxy asks. */
export type KeyChecks = Rate & {
  readonly callers: number;
  /** CPU of auth for each check, from the first to the last, warm-up included. */
  readonly authMicros: number;
};

const PATH = '/api/v1/forward-auth';

/** Checks one key from one caller, and from sixteen. */
export async function measureKeyChecks(stack: BenchStack): Promise<readonly KeyChecks[]> {
  const { authOrigin, seeded, processes } = stack;
  const headers = { Authorization: `Bearer ${seeded.apiKey}` };
  const request = requestBytes(authOrigin, { method: 'GET', path: PATH, headers });
  const pid = processes.get('auth')?.pid ?? 0;
  const checks: KeyChecks[] = [];
  for (const callers of [1, 16]) {
    let sent = 0;
    const count = () => {
      sent += 1;
      return request;
    };
    const before = cpuSeconds(pid);
    const rate = await measureRate(authOrigin, () => count, callers);
    checks.push({ callers, ...rate, authMicros: ((cpuSeconds(pid) - before) * 1e6) / sent });
  }
  return checks;
}
