import {
  chainReplySchema,
  createAsker,
  type Logger,
  type QueueConnection,
  systemClock,
} from '@clearinghouse/shared';
import type { Nodes } from '../chain/fail-over.ts';
import type { ChainConfig } from '../config/chain.ts';
import type { Custody } from '../custody/account.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { type Watcher, watchChain } from '../watch/watch-chain.ts';

/** What the watcher is made of. */
export type OpenWatchParts = {
  readonly config: ChainConfig | undefined;
  readonly custody: Custody;
  readonly nodes: Nodes | undefined;
  readonly queue: QueueConnection;
  readonly log: Logger;
};

/** Begins to watch the chain for billing; absent: there is none, or it is watched elsewhere. */
export function openWatch(parts: OpenWatchParts): Watcher | undefined {
  const { config, custody, nodes, queue, log } = parts;
  if (nodes === undefined || config?.watch === undefined) return undefined;
  const ask = createAsker(queue, 'chain-events', {
    replySchema: chainReplySchema,
    timeoutMs: CHAIN_LIMITS.watchAskTimeoutMs,
  });
  const { controllerAddress, chainId, epoch, watch } = config;
  const senders = custody.accounts.map(({ address }) => address);
  const watcher = watchChain(
    { nodes, ask, clock: systemClock, log },
    { controllerAddress, chainId, epoch, senders, ...watch },
  );
  watcher.start();
  return watcher;
}
