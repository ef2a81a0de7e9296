import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectQueue,
  createAsker,
  createLog,
  holdReplySchema,
  parseQueueKeys,
  type QueueConnection,
} from '@clearinghouse/shared';
import { environmentOf } from '@clearinghouse/stack';
import { makeHoldItem } from '../../services/billing/src/testing/make-hold-item.ts';
import { createHoldAsker, type HoldAsker } from '../../services/signer/src/holds/ask-hold.ts';
import { type BenchStack, startBenchStack } from '../payments/bench-stack.ts';
import { cpuSeconds, cpuSecondsOfTree } from '../payments/read-memory.ts';
import { benchLimits } from '../payments/run-payments-bench.ts';

/** Durable holds as a signer asks for them: over the queue, of billing's own process. */
export type QueueHoldsFigure = {
  readonly backend: 'redis' | 'postgres';
  readonly callers: number;
  readonly holdsPerSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of one hold in billing's process, and in PostgreSQL (with the queue, when it is there). */
  readonly billingUs: number;
  readonly serverUs: number;
};

const READY_POLL_MS = 20;
const WARM_UP_SECONDS = 2;
const SECONDS = 5;

/** Measures one backend: one signer process asks for the holds of one hot account. */
export async function runQueueBench(
  backend: 'redis' | 'postgres',
  callers: readonly number[] = [1, 64, 256],
): Promise<QueueHoldsFigure[]> {
  const stack = await startBenchStack({ backend, extra: { billing: benchLimits() } });
  const queue = connectAsSigner(stack);
  try {
    while (!queue.transport.isReady()) await sleep(READY_POLL_MS);
    const figures: QueueHoldsFigure[] = [];
    for (const count of callers) {
      await measure(stack, queue, { backend, callers: count, seconds: WARM_UP_SECONDS });
      figures.push(await measure(stack, queue, { backend, callers: count, seconds: SECONDS }));
    }
    return figures;
  } finally {
    await queue.close();
    await stack.stop();
  }
}

function connectAsSigner(stack: BenchStack): QueueConnection {
  const env = environmentOf('signer', stack.services, { name: 'bench', port: 0 });
  const keysOf = (pair: string) => parseQueueKeys(env[`QUEUE_KEY_${pair}`] ?? '');
  return connectQueue({
    redisUrl: env.REDIS_URL,
    postgresUrl: env.QUEUE_DATABASE_URL,
    keys: {
      'signer-to-billing': keysOf('SIGNER_TO_BILLING'),
      'billing-to-signer': keysOf('BILLING_TO_SIGNER'),
    },
    service: 'signer',
    replicaId: `bench-${process.pid}`,
    log: createLog({ service: 'bench', level: 'warn' }),
  });
}

async function measure(
  stack: BenchStack,
  queue: QueueConnection,
  load: { backend: 'redis' | 'postgres'; callers: number; seconds: number },
): Promise<QueueHoldsFigure> {
  const asker = createHoldAsker({
    askHolds: createAsker(queue, 'hold-request', { replySchema: holdReplySchema }),
    clock: { monotonicMs: () => performance.now() },
    replicaId: queue.replicaId,
  });
  const pid = (name: string) => stack.processes.get(name)?.pid ?? 0;
  const readCpu = () => [cpuSeconds(pid('billing')), cpuSecondsOfTree(pid('postgres'))] as const;
  const before = readCpu();
  const startedMs = performance.now();
  const untilMs = startedMs + load.seconds * 1_000;
  const latencies = (
    await Promise.all(
      Array.from({ length: load.callers }, () => askUntil(asker, stack.seeded.app.id, untilMs)),
    )
  ).flat();
  const elapsedMs = performance.now() - startedMs;
  const after = readCpu();
  await asker.close();
  latencies.sort((left, right) => left - right);
  const usEach = (seconds: number) => Math.round((seconds * 1e6) / latencies.length);
  return {
    backend: load.backend,
    callers: load.callers,
    holdsPerSec: Math.round((latencies.length / elapsedMs) * 1_000),
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    billingUs: usEach(after[0] - before[0]),
    serverUs: usEach(after[1] - before[1]),
  };
}

/** One session: one payment after the other, each with its hold. */
async function askUntil(asker: HoldAsker, appId: string, untilMs: number): Promise<number[]> {
  const first = makeHoldItem({ appId, feeWei: 1_000_007n });
  const latencies: number[] = [];
  for (let seq = 1; performance.now() < untilMs; seq += 1) {
    const hash = first.requestHash.slice(8) + seq.toString(16).padStart(8, '0');
    const rebuild = { ...first.rebuild, nonceFrom: seq, newStateHash: hash, paymentHash: hash };
    const asked = { ...first, seq, askNo: seq, requestHash: hash, nonceTo: seq, rebuild };
    const askedMs = performance.now();
    const reply = await asker.ask(asked);
    if (!reply.ok) throw new Error(`refused: ${reply.code}`);
    latencies.push(performance.now() - askedMs);
  }
  return latencies;
}
