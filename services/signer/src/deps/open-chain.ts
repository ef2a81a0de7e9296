import { type Logger, systemClock } from '@clearinghouse/shared';
import { createRpc } from '../chain/call-rpc.ts';
import { compareHeads } from '../chain/compare-heads.ts';
import { joinNodes, type Nodes } from '../chain/fail-over.ts';
import { type Chain, followChain, NO_CHAIN } from '../chain/follow-chain.ts';
import type { ChainConfig } from '../config/chain.ts';
import type { Custody } from '../custody/account.ts';
import { CHAIN_LIMITS } from '../limits.ts';

const NS_PER_SEC = 1_000_000_000n;

/** The chain, its nodes, and the end of both. */
export type OpenedChain = Chain & {
  /** Absent: the chain is off. */
  readonly nodes: Nodes | undefined;
  readonly stop: () => Promise<void>;
};

/** Makes one of the nodes that are configured. */
export function openNodes(config: ChainConfig, log: Logger): Nodes {
  const { rpcUrl, secondRpcUrl, chainId } = config;
  const open = (url: string) => createRpc({ url, fetch: globalThis.fetch });
  const second = secondRpcUrl === undefined ? [] : [open(secondRpcUrl)];
  const { monotonicMs } = systemClock;
  return joinNodes({ monotonicMs, log }, { nodes: [open(rpcUrl), ...second], chainId });
}

/** Opens the chain that payments are made by; it is read from now on. */
export function openChain(
  config: ChainConfig | undefined,
  custody: Custody,
  log: Logger,
): OpenedChain {
  if (config === undefined) {
    log.warn('ETH_RPC_URL is not set: the signer’s chain is off, and no payment is made');
    return { ...NO_CHAIN, nodes: undefined, stop: async () => undefined };
  }
  const { controllerAddress, chainId, pollMs } = config;
  const nodes = openNodes(config, log);
  const [senderAddress, ...otherSenders] = custody.accounts.map(({ address }) => address);
  if (senderAddress === undefined) throw new RangeError('no account');
  const chain = followChain(
    { rpc: nodes.call, clock: systemClock, log, distrust: nodes.distrust },
    { controllerAddress, chainId, pollMs, senderAddress, otherSenders },
  );
  chain.start();
  const compare = () => void compareHeads(nodes, Number(systemClock.nowNs() / NS_PER_SEC));
  const comparing = setInterval(compare, CHAIN_LIMITS.compareHeadsMs);
  return {
    ...chain,
    nodes,
    stop: async () => {
      clearInterval(comparing);
      await chain.stop();
    },
  };
}
