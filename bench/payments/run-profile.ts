import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFreePort } from '@clearinghouse/embedded';
import { Redis } from 'ioredis';
import { type BenchStack, startBenchStack } from './bench-stack.ts';
import { cpuSeconds, cpuSecondsOfTree, residentMiB } from './read-memory.ts';
import { runLoad } from './run-load.ts';
import { benchLimits } from './run-payments-bench.ts';

// Where the time of a payment goes: `node bench/payments/run-profile.ts [--callers 64] [--warm 4]
// [--seconds 8] [--profiles DIR]`. CPU per payment of each process is steadier than the rate when
// others use the machine; with --profiles each service also leaves a CPU profile.

const { values } = parseArgs({
  options: {
    callers: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '4' },
    profiles: { type: 'string' },
  },
});

const metricsPorts = { signer: await findFreePort(), billing: await findFreePort() };
const stack = await startBenchStack({ backend: 'redis', extra: extraOf(values.profiles) });
try {
  const load = {
    signerUrl: stack.signerUrl,
    credentials: [`Bearer ${stack.seeded.apiKey}`],
    callers: Number(values.callers),
    payments: Number.MAX_SAFE_INTEGER,
    sessionLength: 200,
  };
  await runLoad({ ...load, seconds: Number(values.warm) });
  const before = await readCounters(stack);
  const result = await runLoad({ ...load, seconds: Number(values.seconds) });
  const after = await readCounters(stack);
  const each = (name: string) => ((after[name] ?? 0) - (before[name] ?? 0)) / result.payments;
  const countOf = (name: string) => (after[`${name}_count`] ?? 0) - (before[`${name}_count`] ?? 0);
  const meanMs = (name: string) => {
    const seconds = (after[`${name}_sum`] ?? 0) - (before[`${name}_sum`] ?? 0);
    return Math.round((seconds / countOf(name)) * 1e4) / 10;
  };
  const microsEach = Object.keys(after)
    .filter((name) => name.startsWith('cpu '))
    .map((name) => [name.slice(4), Math.round(each(name) * 1e6)] as const);
  microsEach.push(['load', Math.round((result.cpuSeconds / result.payments) * 1e6)]);
  const sum = microsEach.reduce((total, [, micros]) => total + micros, 0);
  const { perSecond, p50Ms, p99Ms, byStatus } = result;
  console.log(
    JSON.stringify({
      perSecond: Math.round(perSecond),
      p50Ms: Math.round(p50Ms * 10) / 10,
      p99Ms: Math.round(p99Ms * 10) / 10,
      byStatus,
      microsEach: { ...Object.fromEntries(microsEach), sum },
      stagesMs: {
        answer: meanMs('signer_payment_seconds'),
        hold: meanMs('signer_hold_seconds'),
        holdInBilling: meanMs('billing_hold_seconds'),
        journal: meanMs('signer_journal_seconds'),
      },
      residentMiB: Object.fromEntries(
        ['billing', 'signer'].map((name) => [
          name,
          residentMiB(stack.processes.get(name)?.pid ?? 0),
        ]),
      ),
      paymentsPerAsk: Math.round(result.payments / countOf('billing_hold_seconds')),
      redisCommandsEach: Math.round(each('redis commands') * 100) / 100,
      redisCallsEach: Math.round(each('redis calls') * 100) / 100,
    }),
  );
} finally {
  await stack.stop();
}

function extraOf(profiles: string | undefined) {
  const profiled = (name: 'signer' | 'billing') => {
    const metrics = { METRICS_PORT: String(metricsPorts[name]) };
    if (profiles === undefined) return metrics;
    const folder = join(profiles, name);
    mkdirSync(folder, { recursive: true });
    return { ...metrics, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
  };
  return { billing: { ...benchLimits(), ...profiled('billing') }, signer: profiled('signer') };
}

async function readCounters(of: BenchStack): Promise<Record<string, number>> {
  const counters: Record<string, number> = {
    'cpu postgres': cpuSecondsOfTree(of.postgres.process.pid),
  };
  for (const name of ['auth', 'billing', 'signer', 'redis']) {
    const child = of.processes.get(name);
    if (child) counters[`cpu ${name}`] = cpuSeconds(child.pid);
  }
  for (const port of Object.values(metricsPorts)) Object.assign(counters, await readMetrics(port));
  return { ...counters, ...(await readRedis(of)) };
}

/** Sums and counts of the histograms of a service, over all labels. */
async function readMetrics(port: number): Promise<Record<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, name, value] of text.matchAll(/^(\w+_(?:sum|count))(?:\{[^}]*\})? (\S+)$/gm)) {
    if (name) found[name] = (found[name] ?? 0) + Number(value);
  }
  return found;
}

/** Commands that Redis ran, those inside scripts included, and those that a client sent. */
async function readRedis(of: BenchStack): Promise<Record<string, number>> {
  const redis = new Redis(of.services.urls.redisUrl ?? '');
  const text = await redis.info('commandstats');
  redis.disconnect();
  let commands = 0;
  let calls = 0;
  for (const [, name, count] of text.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) {
    commands += Number(count);
    if (/^(evalsha|bzpopmin)$/.test(name ?? '')) calls += Number(count);
  }
  return { 'redis commands': commands, 'redis calls': calls };
}
