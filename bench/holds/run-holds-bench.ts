import { createLog, type GrantWire, type Sql } from '@clearinghouse/shared';
import { coalesceHolds } from '../../services/billing/src/holds/coalesce-holds.ts';
import { createHolds } from '../../services/billing/src/holds/create-holds.ts';
import type { HoldPolicy } from '../../services/billing/src/holds/hold-book.ts';
import { openHoldTerms } from '../../services/billing/src/holds/hold-terms.ts';
import { makeHoldItem } from '../../services/billing/src/testing/make-hold-item.ts';
import { measureSettlement, type SettleFigure } from './measure-settlement.ts';
import { openBenchBooks } from './open-bench-books.ts';
import { readServerCpu } from './read-server-cpu.ts';

/** One figure: how many callers, each with one hold under way, and what they got. */
export type HoldsFigure = {
  readonly accounts: number;
  readonly callers: number;
  readonly holdsPerSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly meanBatch: number;
  /** CPU of this process for one hold, the load's own making included. */
  readonly nodeUs: number;
  /** CPU of the database's processes for one hold. */
  readonly serverUs: number;
};

export type HoldsBench = {
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly postgres: string;
  readonly figures: readonly HoldsFigure[];
  readonly settlement: SettleFigure;
};

export type HoldsBenchOptions = {
  /** A server's superuser; a database is made on it and removed. */
  readonly superuserUrl: string;
  readonly seconds?: number;
  readonly callers?: readonly number[];
  readonly accounts?: readonly number[];
};

const UNBOUND = 10n ** 40n;
const POLICY: HoldPolicy = {
  defaultMarkupBps: 500,
  fxMaxAgeMs: 3_600_000,
  holdTtlMs: 120_000,
  sessionCreditLimits: { app: UNBOUND, user: UNBOUND, key: UNBOUND },
};
const WARM_UP_SECONDS = 2;
const SETTLEMENTS = 20_000;
const SETTLE_BATCH = 500;

/** Measures durable holds through the coalescer, in this process, committed with fsync. */
export async function runHoldsBench(options: HoldsBenchOptions): Promise<HoldsBench> {
  const { callers = [1, 64, 256, 1024], accounts = [1], seconds = 5 } = options;
  const figures: HoldsFigure[] = [];
  const grants: GrantWire[] = [];
  const books = await openBenchBooks(options.superuserUrl, Math.max(...accounts));
  try {
    for (const accountCount of accounts) {
      for (const callerCount of callers) {
        const apps = books.appIds.slice(0, accountCount);
        await measure(books.sql, apps, { callers: callerCount, seconds: WARM_UP_SECONDS, grants });
        figures.push(await measure(books.sql, apps, { callers: callerCount, seconds, grants }));
      }
    }
    const settlement = await measureSettlement(books.sql, grants, SETTLE_BATCH);
    const [settings] = await books.sql<{ fsync: string; commit: string; version: string }[]>`
      select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
        current_setting('server_version') as version`;
    return {
      fsync: settings?.fsync ?? '',
      synchronousCommit: settings?.commit ?? '',
      postgres: settings?.version ?? '',
      figures,
      settlement,
    };
  } finally {
    await books.close();
  }
}

async function measure(
  sql: Sql,
  apps: readonly string[],
  load: { callers: number; seconds: number; grants: GrantWire[] },
): Promise<HoldsFigure> {
  const batches: number[] = [];
  const terms = openHoldTerms();
  const coalescer = coalesceHolds({
    createHolds: (asks) => {
      batches.push(asks.length);
      return createHolds({ sql, policy: POLICY, terms }, asks);
    },
    shards: 4,
    nowMs: Date.now,
    log: createLog({ service: 'bench', level: 'warn' }),
  });
  const latencies: number[] = [];
  const [nodeBefore, serverBefore] = [process.cpuUsage(), await readServerCpu(sql)];
  const startedMs = performance.now();
  const untilMs = startedMs + load.seconds * 1_000;
  const work = Array.from({ length: load.callers }, async (_, caller) => {
    const appId = apps[caller % apps.length] as string;
    const session = openSession(appId);
    while (performance.now() < untilMs) {
      const items = [session()];
      const askedMs = performance.now();
      const deadlineAtMs = Date.now() + 60_000;
      const [answer] = await coalescer.request({ replicaId: 'bench', items, deadlineAtMs });
      if (!answer?.ok) throw new Error(`refused: ${answer?.code}`);
      if (load.grants.length < SETTLEMENTS) load.grants.push(answer);
      latencies.push(performance.now() - askedMs);
    }
  });
  await Promise.all(work);
  const elapsedMs = performance.now() - startedMs;
  const node = process.cpuUsage(nodeBefore);
  const serverUs = (await readServerCpu(sql)) - serverBefore;
  await coalescer.close();
  latencies.sort((left, right) => left - right);
  return {
    accounts: apps.length,
    callers: load.callers,
    holdsPerSec: Math.round((latencies.length / elapsedMs) * 1_000),
    p50Ms: round(latencies[Math.floor(latencies.length * 0.5)] ?? 0),
    p99Ms: round(latencies[Math.floor(latencies.length * 0.99)] ?? 0),
    meanBatch: round(latencies.length / Math.max(1, batches.length)),
    nodeUs: round((node.user + node.system) / latencies.length),
    serverUs: round(serverUs / latencies.length),
  };
}

/** The payments of one session, as a gateway makes them: one state, one orchestrator's params. */
function openSession(appId: string): () => ReturnType<typeof makeHoldItem> {
  const first = makeHoldItem({ appId, seq: 0, feeWei: 1_000_000_007n });
  let seq = 0;
  return () => {
    seq += 1;
    const hash = first.requestHash.slice(8) + seq.toString(16).padStart(8, '0');
    return {
      ...first,
      seq,
      askNo: seq,
      requestHash: hash,
      nonceTo: seq,
      rebuild: { ...first.rebuild, nonceFrom: seq, newStateHash: hash, paymentHash: hash },
    };
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
