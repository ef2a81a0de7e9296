import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceKind } from '@clearinghouse/stack';
import type { Random } from './create-random.ts';
import type { DrillStack } from './open-drill-stack.ts';

export type FaultDeps = {
  readonly stack: DrillStack;
  readonly random: Random;
  readonly secondsBetweenKills: number;
  readonly isDone: () => boolean;
  /** True from when Redis is to be emptied. */
  readonly isHalfway: () => boolean;
  readonly progress: (line: string) => void;
};

const VICTIMS = ['signer', 'signer-2', 'billing', 'billing-2', 'redis'] as const;
type Victim = (typeof VICTIMS)[number];

/** How often two die at once. */
const SHARE_OF_PAIRS = 0.2;
const DOWN_MS_MAX = 1_500;
const POLL_MS = 100;

/** Kills with SIGKILL and starts again, until the drill is done; empties Redis once. */
export async function causeFaults(deps: FaultDeps): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  while (!deps.isDone()) {
    await pause(deps);
    if (deps.isDone()) break;
    if (
      counts.flushall === undefined &&
      deps.isHalfway() &&
      (await deps.stack.servers.redis.flush())
    ) {
      count('flushall');
      deps.progress('FLUSHALL');
      continue;
    }
    const victims = chooseVictims(deps.random);
    deps.progress(`kill -9 ${victims.join(' and ')}`);
    await Promise.all(victims.map((victim) => killAndRestart(deps, victim)));
    for (const victim of victims) count(victim);
  }
  return counts;
}

async function pause({ random, secondsBetweenKills, isDone }: FaultDeps): Promise<void> {
  const until = performance.now() + secondsBetweenKills * 1000 * (0.5 + random.share());
  while (performance.now() < until && !isDone()) await sleep(POLL_MS);
}

function chooseVictims(random: Random): Victim[] {
  const first = random.pick(VICTIMS);
  if (random.share() >= SHARE_OF_PAIRS) return [first];
  const second = random.pick(VICTIMS);
  return first === second ? [first] : [first, second];
}

async function killAndRestart({ stack, random }: FaultDeps, victim: Victim): Promise<void> {
  const { redis } = stack.servers;
  const child = victim === 'redis' ? redis.process() : stack.processes.get(victim);
  if (child === undefined) throw new Error(`there is no ${victim}`);
  process.kill(child.pid, 'SIGKILL');
  await child.exited;
  await sleep(random.between(0, DOWN_MS_MAX));
  if (victim === 'redis') return redis.restart();
  const kind: ServiceKind = victim.startsWith('signer') ? 'signer' : 'billing';
  await stack.start(kind, victim);
}
