import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBenchStack } from '../payments/bench-stack.ts';
import { cpuSeconds, cpuSecondsOfTree } from '../payments/read-memory.ts';
import { type IdentityTargets, identityTargets } from './identity-targets.ts';
import { measureRate } from './measure-rate.ts';
import { startPlainProvider } from './start-plain-provider.ts';

// Where the time of a request to the issuer goes: `node bench/identity/run-profile.ts
// [--request refresh] [--of ours] [--rounds 3] [--profiles DIR]`. CPU per request of each process is
// steadier than the rate when others use the machine; with --profiles auth leaves a CPU profile.

const { values } = parseArgs({
  options: {
    request: { type: 'string', default: 'refresh,clientCredentials,introspection' },
    of: { type: 'string', default: 'ours,plain' },
    rounds: { type: 'string', default: '2' },
    profiles: { type: 'string' },
  },
});

const stack = await startBenchStack({
  backend: 'redis',
  extra: { auth: { RATE_LIMIT_FACTOR: '10000', ...profiled(values.profiles) } },
});
const plain = await startPlainProvider();
try {
  const targets = await identityTargets(stack, plain);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const request of values.request.split(',')) {
      for (const of of values.of.split(',')) await profile(targets, request, of);
    }
  }
} finally {
  plain.stop();
  await stack.stop();
}

async function profile(targets: IdentityTargets, request: string, of: string): Promise<void> {
  const target = targets[request as keyof IdentityTargets]?.[of as 'ours' | 'plain'];
  if (!target) throw new Error(`no request ${request} of ${of}`);
  const before = readCpu();
  const rate = await measureRate(target.origin, target.makeCaller);
  const after = readCpu();
  // Warm-up is in both: a request costs the same in it, or a little more.
  const requests = rate.all;
  const each = Object.entries(after).map(([name, seconds]) => [
    name,
    Math.round(((seconds - (before[name] ?? 0)) / requests) * 1e6),
  ]);
  const { perSecond, p50Ms, p99Ms, others } = rate;
  console.log(
    JSON.stringify({
      request,
      of,
      perSecond: Math.round(perSecond),
      p50Ms: Math.round(p50Ms * 10) / 10,
      p99Ms: Math.round(p99Ms * 10) / 10,
      others,
      microsEach: Object.fromEntries(each),
    }),
  );
}

function readCpu(): Record<string, number> {
  const { user, system } = process.cpuUsage();
  return {
    auth: cpuSeconds(stack.processes.get('auth')?.pid ?? 0),
    postgres: cpuSecondsOfTree(stack.postgres.process.pid),
    plain: cpuSeconds(plain.pid),
    load: (user + system) / 1e6,
  };
}

function profiled(profiles: string | undefined): Record<string, string> {
  if (profiles === undefined) return {};
  const folder = join(profiles, 'auth');
  mkdirSync(folder, { recursive: true });
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}
