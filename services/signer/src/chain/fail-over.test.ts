import { createLog } from '@clearinghouse/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { CHAIN_LIMITS } from '../limits.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { type CallRpc, NoResult, RpcRefusal } from './call-rpc.ts';
import { compareHeads } from './compare-heads.ts';
import { joinNodes, type Nodes } from './fail-over.ts';
import { TooLarge } from './read-response.ts';

type Node = { chainId: string; fault: Error | undefined; headSec: number; calls: string[] };

const NOW_SEC = 2_000;
const log = createLog({ service: 'test', level: 'silent' });
let nodes: [Node, Node];
let joined: Nodes;
let clock: ReturnType<typeof createManualClock>;
beforeEach(() => {
  const make = (): Node => ({ chainId: '0x1', fault: undefined, headSec: 1_000, calls: [] });
  nodes = [make(), make()];
  clock = createManualClock();
  const [first, second] = nodes.map(rpcOf);
  if (!first || !second) throw new Error('two nodes');
  joined = joinNodes(
    { monotonicMs: clock.monotonicMs, log },
    { nodes: [first, second], chainId: 1n },
  );
});

function rpcOf(node: Node, index: number): CallRpc {
  return async (method) => {
    node.calls.push(method);
    if (node.fault) throw node.fault;
    if (method === 'eth_chainId') return node.chainId;
    if (method === 'eth_getBlockByNumber') return { timestamp: `0x${node.headSec.toString(16)}` };
    return `of node ${index + 1}`;
  };
}

describe('two nodes as one', () => {
  it('the first is used, while it answers', async () => {
    expect(await joined.call('any', [])).toBe('of node 1');
    expect(nodes[1].calls).toEqual([]);
  });

  it('one that cannot be reached is left, within the same call', async () => {
    nodes[0].fault = new Error('ECONNREFUSED');
    expect(await joined.call('any', [])).toBe('of node 2');
    await joined.call('any', []);
    expect(nodes[0].calls).toHaveLength(1);
  });

  it('the first is tried again after a minute', async () => {
    nodes[0].fault = new Error('ECONNREFUSED');
    await joined.call('any', []);
    nodes[0].fault = undefined;
    clock.advance(CHAIN_LIMITS.firstNodeAgainMs + 1);
    expect(await joined.call('any', [])).toBe('of node 1');
  });

  it('both away: the fault is told, and either may come back', async () => {
    for (const node of nodes) node.fault = new Error('away');
    await expect(joined.call('any', [])).rejects.toThrow('away');
    nodes[1].fault = undefined;
    expect(await joined.call('any', [])).toBe('of node 2');
  });

  it.each<[string, Error, string, number]>([
    ['a refusal is the same everywhere', new RpcRefusal('m', -32_000), 'eth_call', 0],
    ['nothing found is an answer', new NoResult('m'), 'eth_getTransactionReceipt', 0],
    ['too large an answer is the question’s fault', new TooLarge(), 'eth_getLogs', 0],
    ['too many logs are the question’s fault', new RpcRefusal('m', -32_005), 'eth_getLogs', 0],
    ['enough of us: the next is asked', new RpcRefusal('m', -32_005), 'eth_call', 1],
  ])('%s', async (_what, fault, method, current) => {
    nodes[0].fault = undefined;
    await joined.call('any', []);
    nodes[0].fault = fault;
    await joined.call(method, []).catch(() => undefined);
    expect(joined.current()).toBe(current);
  });

  it('a node of another chain is never asked anything else', async () => {
    nodes[0].chainId = '0x2';
    expect(await joined.call('any', [])).toBe('of node 2');
    expect(nodes[0].calls).toEqual(['eth_chainId']);
  });

  it('pinned, all calls go to one node; what failed there is left for the next', async () => {
    const pinned = joined.pin();
    await pinned('any', []);
    nodes[0].fault = new Error('away');
    await expect(pinned('any', [])).rejects.toThrow('away');
    expect(await joined.pin()('any', [])).toBe('of node 2');
  });
});

describe('heads are compared', () => {
  it.each([
    [CHAIN_LIMITS.behindMaxSec, 0],
    [CHAIN_LIMITS.behindMaxSec + 1, 1],
  ])('%i s behind: node %i', async (behindSec, current) => {
    nodes[1].headSec += behindSec;
    await compareHeads(joined, NOW_SEC);
    expect(joined.current()).toBe(current);
  });

  it('a block of the future makes nobody leave', async () => {
    nodes[1].headSec = NOW_SEC + CHAIN_LIMITS.aheadMaxSec + 1;
    await compareHeads(joined, NOW_SEC);
    expect(joined.current()).toBe(0);
  });

  it('one that is ahead stays; one that is away says nothing', async () => {
    nodes[0].headSec += 1_000;
    await compareHeads(joined, NOW_SEC);
    nodes[1].fault = new Error('away');
    await compareHeads(joined, NOW_SEC);
    expect(joined.current()).toBe(0);
  });
});
