import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, BlockRef, ChainReply, Clock, Logger } from '@clearinghouse/shared';
import type { Nodes } from '../chain/fail-over.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { type ChainIdentity, identifyChain } from './identify-chain.ts';
import { wholeRange } from './read-events.ts';
import {
  ChainLost,
  EventsMissing,
  type Expectation,
  NodeBehind,
  type StepOptions,
  stepAlong,
} from './step-along.ts';

/** How far the watcher is. */
export type WatchStatus = {
  readonly chain: string | undefined;
  readonly cursor: BlockRef | undefined;
  readonly head: BlockRef | undefined;
  /** Confirmed blocks that billing does not know yet. */
  readonly lagBlocks: number | undefined;
  /** Monotonic milliseconds since all was known; infinite before. */
  readonly ageMs: number;
  /** Of the last look, when it failed. */
  readonly fault: string | undefined;
};

export type Watcher = {
  readonly status: () => WatchStatus;
  /** Looks once, as far as there is something to read; resolves whether it went well. */
  readonly look: () => Promise<boolean>;
  /** Looks now and again. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

export type WatchDeps = {
  readonly nodes: Nodes;
  readonly ask: Ask<ChainReply>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Logger;
};

export type WatchOptions = StepOptions & {
  readonly controllerAddress: string;
  readonly chainId: bigint | undefined;
  /** Names the chain where its first block does not. */
  readonly epoch: string | undefined;
  readonly pollMs: number;
};

type Memory = {
  identity: ChainIdentity | undefined;
  books: ChainReply | undefined;
  head: BlockRef | undefined;
  doneAtMs: number;
  failures: number;
  fault: string | undefined;
};

/**
 * Follows the TicketBroker's events of our accounts and hands them to billing. Keeps nothing that
 * must last: after a failure, a restart or another signer's step it asks billing where to go on.
 */
export function watchChain(deps: WatchDeps, options: WatchOptions): Watcher {
  const memory: Memory = {
    identity: undefined,
    books: undefined,
    head: undefined,
    doneAtMs: Number.NEGATIVE_INFINITY,
    failures: 0,
    fault: undefined,
  };
  const range = wholeRange(options.rangeMax);
  const expectation: Expectation = { funds: undefined, differences: 0 };
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<boolean> | undefined;
  let isStopped = false;

  const walk = async (): Promise<void> => {
    for (let steps = 0; steps < CHAIN_LIMITS.watchStepsMax && !isStopped; steps += 1) {
      const rpc = deps.nodes.pin();
      const identity = memory.identity ?? (await identifyChain(rpc, options));
      memory.identity = identity;
      const step = { rpc, ask: deps.ask, range, expectation, log: deps.log };
      const { books, head, hasMore } = await stepAlong(step, options, {
        identity,
        books: memory.books,
      });
      Object.assign(memory, { books, head });
      if (!hasMore) {
        memory.doneAtMs = deps.clock.monotonicMs();
        return;
      }
    }
  };
  const lookOnce = async (): Promise<boolean> => {
    try {
      await walk();
      if (memory.failures > 0) deps.log.info('the watcher of the chain goes on');
      Object.assign(memory, { failures: 0, fault: undefined });
      return true;
    } catch (error) {
      tellFailure(deps.log, memory, error);
      if (isOfNode(error)) deps.nodes.distrust(error.message);
      return false;
    }
  };
  const look = () => {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const again = async () => {
    await look();
    if (!isStopped) timer = setTimeout(() => void again(), options.pollMs);
  };
  return {
    status: () => statusOf(memory, options, deps.clock.monotonicMs()),
    look,
    start: () => void again(),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      // A step under way keeps nothing that must last: billing has it, or it is made again.
      await Promise.race([looking, sleep(CHAIN_LIMITS.watchStopMs)]);
    },
  };
}

/** Another node may say something else. */
function isOfNode(error: unknown): error is Error {
  return [ChainLost, NodeBehind, EventsMissing].some((kind) => error instanceof kind);
}

/** What is known may be wrong now: it is asked for again. The 1st, 2nd, 4th ... in a row is told. */
function tellFailure(log: Logger, memory: Memory, error: unknown): void {
  memory.failures += 1;
  memory.fault = error instanceof Error ? error.message : 'unknown';
  memory.identity = undefined;
  memory.books = undefined;
  const { fault, failures } = memory;
  if ((failures & (failures - 1)) !== 0) return;
  if (error instanceof ChainLost) {
    log.error({ alarm: 'chain_lost', fault, failures }, 'the chain is another one');
  } else {
    log.warn({ fault, failures }, 'the chain could not be watched');
  }
}

function statusOf(memory: Memory, options: WatchOptions, nowMs: number): WatchStatus {
  const cursor = memory.books?.cursor ?? undefined;
  const { head } = memory;
  const target = head && Math.max(0, head.number - options.confirmations);
  return {
    chain: memory.identity?.chain,
    cursor,
    head,
    lagBlocks: cursor && target !== undefined ? Math.max(0, target - cursor.number) : undefined,
    ageMs: nowMs - memory.doneAtMs,
    fault: memory.fault,
  };
}
