import type { Logger } from '@clearinghouse/shared';
import { CHAIN_LIMITS } from '../limits.ts';
import { type CallRpc, NoResult, RpcRefusal } from './call-rpc.ts';
import { readChainId } from './read-chain-id.ts';
import { TooLarge } from './read-response.ts';

/** Several nodes of one chain as one: the first, and the next when it fails. */
export type Nodes = {
  /** Calls the node in use, and the others when it cannot be had. */
  readonly call: CallRpc;
  /**
   * The node in use, alone: several calls then speak of one view of the chain. One that fails is
   * still left for the next, whoever calls then.
   */
  readonly pin: () => CallRpc;
  /** Each by itself, in the order of the settings. */
  readonly each: readonly CallRpc[];
  /** Which is in use, from 0. */
  readonly current: () => number;
  /** Leaves the node in use for the next: what it says cannot be right. */
  readonly distrust: (reason: string) => void;
};

export type NodesDeps = { readonly monotonicMs: () => number; readonly log: Logger };

export type NodesOptions = {
  readonly nodes: readonly [CallRpc, ...CallRpc[]];
  /** The chain that all must be on; that of the first that answers when absent. */
  readonly chainId: bigint | undefined;
};

/** "Limit exceeded": of how often one may ask, or of what one may ask for. */
const LIMIT_EXCEEDED = -32_005;

/**
 * Makes one of several nodes. A node is left when it cannot be reached, answers nonsense or has
 * enough of us; a refusal by the chain itself is the same everywhere. The first node is tried
 * again after a minute. Before a node is used its chain id is compared, so that a wrong second
 * address cannot make up another chain.
 */
export function joinNodes(deps: NodesDeps, options: NodesOptions): Nodes {
  const { nodes } = options;
  const { monotonicMs, log } = deps;
  const checked = new Set<number>();
  let chainId = options.chainId;
  let inUse = 0;
  let leftFirstMs = 0;

  const check = async (index: number): Promise<void> => {
    if (checked.has(index) || nodes.length === 1) return;
    const node = nodes[index];
    const found = node && (await readChainId(node));
    chainId ??= found;
    if (found === undefined || found !== chainId) {
      throw new Error(`node ${index + 1} is on chain ${found ?? 'unknown'}, not ${chainId}`);
    }
    checked.add(index);
  };
  const callOn = async (index: number, ...[method, params]: Parameters<CallRpc>) => {
    try {
      await check(index);
      const node = nodes[index];
      if (!node) throw new RangeError('no such node');
      return await node(method, params);
    } catch (error) {
      if (isOfNode(error, method)) leave(index, messageOf(error));
      throw error;
    }
  };
  const leave = (index: number, fault: string): void => {
    checked.delete(index);
    if (index !== inUse || nodes.length === 1) return;
    if (index === 0) leftFirstMs = monotonicMs();
    inUse = (index + 1) % nodes.length;
    log.warn({ from: index + 1, to: inUse + 1, fault }, 'another node of the chain is used');
  };
  const choose = (): number => {
    if (inUse !== 0 && monotonicMs() - leftFirstMs > CHAIN_LIMITS.firstNodeAgainMs) inUse = 0;
    return inUse;
  };
  return {
    each: nodes.map((_, index) => (method, params) => callOn(index, method, params)),
    current: () => inUse,
    distrust: (reason) => leave(inUse, reason),
    pin: () => {
      const index = choose();
      return (method, params) => callOn(index, method, params);
    },
    call: async (method, params) => {
      let last: unknown;
      for (let tries = 0; tries < nodes.length; tries += 1) {
        try {
          return await callOn(choose(), method, params);
        } catch (error) {
          if (!isOfNode(error, method)) throw error;
          last = error;
        }
      }
      throw last;
    },
  };
}

/** Is it about this node, and not about the question? */
function isOfNode(error: unknown, method: string): boolean {
  if (error instanceof NoResult || error instanceof TooLarge) return false;
  if (!(error instanceof RpcRefusal)) return true;
  // For logs it is the range that is too large.
  return error.rpcCode === LIMIT_EXCEEDED && method !== 'eth_getLogs';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
