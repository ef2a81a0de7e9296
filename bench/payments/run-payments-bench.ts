import { type BenchStack, startBenchStack } from './bench-stack.ts';
import type { LoadResult } from './generate-load.ts';
import { cpuSeconds, cpuSecondsOfTree, residentMiB } from './read-memory.ts';
import { runLoad } from './run-load.ts';

/** Whole payments through HTTP, every process on this machine. */
export type PaymentsBench = {
  readonly backend: 'redis' | 'postgres';
  readonly credential: 'token' | 'key';
  readonly result: LoadResult;
  /** CPU milliseconds a payment, by process. */
  readonly cpuMsEach: Readonly<Record<string, number>>;
  readonly restMiB: Readonly<Record<string, number>>;
  readonly loadedMiB: Readonly<Record<string, number>>;
};

const CALLERS = 64;
const WARM_SECONDS = 4;
const SECONDS = 12;
const SESSION_LENGTH = 200;
const WITHOUT_BOUND = 1_000_000_000;

/** Measures one backend, with tokens and with an API key. */
export async function runPaymentsBench(backend: 'redis' | 'postgres'): Promise<PaymentsBench[]> {
  const stack = await startBenchStack({ backend, extra: { billing: benchLimits() } });
  try {
    const restMiB = memoryOf(stack);
    const key = `Bearer ${stack.seeded.apiKey}`;
    const results: PaymentsBench[] = [];
    for (const credential of ['token', 'key'] as const) {
      const credentials = credential === 'key' ? [key] : [await machineToken(stack)];
      const load = {
        signerUrl: stack.signerUrl,
        credentials,
        callers: CALLERS,
        payments: WITHOUT_BOUND,
        sessionLength: SESSION_LENGTH,
      };
      await runLoad({ ...load, seconds: WARM_SECONDS });
      const before = cpuOf(stack);
      const result = await runLoad({ ...load, seconds: SECONDS });
      const after = cpuOf(stack);
      const cpuMsEach = Object.fromEntries(
        Object.entries(after).map(([name, seconds]) => [
          name,
          Math.round(((seconds - (before[name] ?? 0)) * 1e6) / result.payments) / 1000,
        ]),
      );
      results.push({ backend, credential, result, cpuMsEach, restMiB, loadedMiB: memoryOf(stack) });
    }
    return results;
  } finally {
    await stack.stop();
  }
}

/** Session credit is bought all day long here; the cap is not what is measured. */
export function benchLimits(): Record<string, string> {
  const limit = (10n ** 24n).toString();
  return {
    SESSION_CREDIT_APP_WEI: limit,
    SESSION_CREDIT_USER_WEI: limit,
    SESSION_CREDIT_KEY_WEI: limit,
  };
}

async function machineToken(stack: BenchStack): Promise<string> {
  const { m2mClientId, m2mClientSecret } = stack.seeded.app;
  const basic = Buffer.from(`${m2mClientId}:${m2mClientSecret}`).toString('base64');
  const response = await fetch(`${stack.authOrigin}/api/v1/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'sign:job' }),
  });
  const body = (await response.json()) as { access_token: string };
  return `Bearer ${body.access_token}`;
}

const SERVICES = ['auth', 'billing', 'signer', 'redis'];

function memoryOf(stack: BenchStack): Record<string, number> {
  return Object.fromEntries(
    [...stack.processes]
      .filter(([name]) => SERVICES.includes(name))
      .map(([name, child]) => [name, residentMiB(child.pid)]),
  );
}

function cpuOf(stack: BenchStack): Record<string, number> {
  const postgres = cpuSecondsOfTree(stack.postgres.process.pid);
  const generator = process.resourceUsage();
  return {
    postgres,
    ...cpuOfServices(stack),
    self: (generator.userCPUTime + generator.systemCPUTime) / 1e6,
  };
}

function cpuOfServices(stack: BenchStack): Record<string, number> {
  return Object.fromEntries(
    [...stack.processes]
      .filter(([name]) => SERVICES.includes(name))
      .map(([name, child]) => [name, cpuSeconds(child.pid)]),
  );
}
