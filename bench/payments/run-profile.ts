import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { type BenchStack, startBenchStack } from './bench-stack.ts';
import { cpuSeconds, cpuSecondsOfTree } from './read-memory.ts';
import { runLoad } from './run-load.ts';
import { benchLimits } from './run-payments-bench.ts';

// Where the time of a payment goes: `node bench/payments/run-profile.ts [--callers 64]
// [--warm 4] [--seconds 8] [--profiles DIR]`. CPU per payment of each process is steadier than the rate when
// others use the machine; with --profiles each service also leaves a CPU profile.

const { values } = parseArgs({
  options: {
    callers: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '4' },
    profiles: { type: 'string' },
  },
});

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
      redisCommandsEach: Math.round(each('redis commands') * 100) / 100,
      redisCallsEach: Math.round(each('redis calls') * 100) / 100,
    }),
  );
} finally {
  await stack.stop();
}

function extraOf(profiles: string | undefined) {
  if (profiles === undefined) return { billing: benchLimits() };
  const profiled = (name: string) => {
    const folder = join(profiles, name);
    mkdirSync(folder, { recursive: true });
    return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
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
  return { ...counters, ...(await readRedis(of)) };
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
