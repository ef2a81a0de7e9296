import type { Address, Clock, Logger } from '@clearinghouse/shared';
import { CHAIN_LIMITS, RUNTIME_LIMITS } from '../limits.ts';
import type { ChainSnapshot } from '../payments/plan.ts';
import { type Block, parseBlock } from './block.ts';
import { createContractCaller } from './call-contract.ts';
import type { CallRpc } from './call-rpc.ts';
import { type Contracts, lookUpContracts } from './look-up-contracts.ts';
import { readChainId } from './read-chain-id.ts';
import { readSnapshot } from './read-snapshot.ts';

const NS_PER_SEC = 1_000_000_000n;

/** The chain as last read. */
export type Chain = {
  /** `undefined` before the first successful read. */
  readonly snapshot: () => ChainSnapshot | undefined;
  /** Monotonic milliseconds since the last successful read; infinite before it. */
  readonly ageMs: () => number;
};

export type FollowedChain = Chain & {
  /** Reads once; resolves whether it succeeded, never rejects. */
  readonly poll: () => Promise<boolean>;
  /** Reads now and every `pollMs`. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

export type FollowChainDeps = {
  readonly rpc: CallRpc;
  readonly clock: Clock;
  readonly log: Logger;
  /** Has another node asked from now on, where there is one. */
  readonly distrust?: (reason: string) => void;
};

export type FollowChainOptions = {
  readonly controllerAddress: string;
  readonly senderAddress: string;
  /** Accounts whose sessions run out. */
  readonly otherSenders?: readonly Address[];
  /** The chain that must answer; any when absent. */
  readonly chainId: bigint | undefined;
  readonly pollMs: number;
};

/** A signer without a node: never a snapshot, so never a payment. */
export const NO_CHAIN: Chain = {
  snapshot: () => undefined,
  ageMs: () => Number.POSITIVE_INFINITY,
};

/**
 * Follows the chain by polling. A read that fails changes nothing but the age of the last one:
 * whoever uses the snapshot looks at that. It never goes back: a node that names an older block
 * than was read before (it lags, or lies) has failed, and is left for the second. Times are compared
 * and not numbers, since a development chain that is made anew begins to count again. A block of the
 * future counts as one of now: a node that lies once must not stop the honest ones.
 */
export function followChain(deps: FollowChainDeps, options: FollowChainOptions): FollowedChain {
  const { clock, log } = deps;
  let last: { snapshot: ChainSnapshot; atMs: number } | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<boolean> | undefined;
  const read = createReader(deps, options);

  const pollOnce = async (): Promise<boolean> => {
    const startedMs = clock.monotonicMs();
    try {
      last = { snapshot: await read(), atMs: startedMs };
      if (failures > 0) log.info({ failures }, 'the chain answers again');
      failures = 0;
      return true;
    } catch (error) {
      failures += 1;
      const fault = error instanceof Error ? error.message : 'unknown';
      if (isWorthALine(failures)) log.warn({ fault, failures }, 'the chain could not be read');
      return false;
    }
  };
  const poll = () => {
    polling ??= pollOnce().finally(() => {
      polling = undefined;
    });
    return polling;
  };
  return {
    snapshot: () => last?.snapshot,
    ageMs: () => (last ? clock.monotonicMs() - last.atMs : Number.POSITIVE_INFINITY),
    poll,
    start: () => {
      void poll();
      timer ??= setInterval(() => void poll(), options.pollMs);
    },
    stop: async () => {
      clearInterval(timer);
      await polling;
    },
  };
}

/** The 1st, 2nd, 4th, 8th ... failure in a row: an outage is told and does not fill the log. */
function isWorthALine(failures: number): boolean {
  return (failures & (failures - 1)) === 0;
}

function createReader(
  { rpc, clock, distrust }: FollowChainDeps,
  options: FollowChainOptions,
): () => Promise<ChainSnapshot> {
  const call = createContractCaller(rpc);
  const { controllerAddress, senderAddress, otherSenders = [] } = options;
  let known: { contracts: Contracts; atMs: number } | undefined;
  let newestSec = 0;
  const lookUp = async (block: Block): Promise<Contracts> => {
    const nowMs = clock.monotonicMs();
    const isFresh = known && nowMs - known.atMs <= RUNTIME_LIMITS.contractsMaxAgeMs;
    if (known && isFresh) return known.contracts;
    const contracts = await lookUpContracts({ call, controllerAddress }, block);
    known = { contracts, atMs: nowMs };
    return contracts;
  };
  return async () => {
    try {
      if (known === undefined) await checkChainId(rpc, options.chainId);
      const block = parseBlock(await rpc('eth_getBlockByNumber', ['latest', false]));
      const behindSec = newestSec - (block.timeSec ?? newestSec);
      if (behindSec > 0) {
        const reason = `a block ${behindSec} s older than one read before`;
        distrust?.(reason);
        throw new Error(reason);
      }
      const contracts = await lookUp(block);
      const snapshot = await readSnapshot({ call, senderAddress, otherSenders }, contracts, block);
      const latestSec = Number(clock.nowNs() / NS_PER_SEC) + CHAIN_LIMITS.aheadMaxSec;
      newestSec = Math.max(newestSec, Math.min(block.timeSec ?? newestSec, latestSec));
      return snapshot;
    } catch (error) {
      // Another node may answer next time, or a development chain was made anew: ask it all again.
      known = undefined;
      throw error;
    }
  };
}

async function checkChainId(rpc: CallRpc, expected: bigint | undefined): Promise<void> {
  if (expected === undefined) return;
  const found = await readChainId(rpc);
  if (found !== expected) {
    throw new Error(`the node is on chain ${found ?? 'unknown'}, not ${expected}`);
  }
}
