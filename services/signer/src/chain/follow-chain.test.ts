import { createLog } from '@clearinghouse/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import {
  type ChainFacts,
  CONTROLLER,
  type NodeDouble,
  startNodeDouble,
} from '../testing/node-double.ts';
import { createRpc } from './call-rpc.ts';
import { type FollowedChain, followChain } from './follow-chain.ts';

const NOW_SEC = Math.floor(Date.now() / 1000);
const SENDER = `0x${'5e'.repeat(20)}`;
const log = createLog({ service: 'test', level: 'silent' });

let node: NodeDouble;
let facts: ChainFacts;
let clock: ManualClock;
let chain: FollowedChain;

function follow(chainId?: bigint): FollowedChain {
  const rpc = createRpc({ url: node.url, fetch });
  const options = { controllerAddress: CONTROLLER, senderAddress: SENDER, chainId, pollMs: 1000 };
  return followChain({ rpc, clock, log }, options);
}

beforeAll(async () => {
  node = await startNodeDouble();
  facts = { ...node.facts };
});
afterAll(() => node.stop());
beforeEach(() => {
  Object.assign(node.facts, facts);
  node.calls.length = 0;
  clock = createManualClock();
  chain = follow();
});

describe('the chain as a payment sees it', () => {
  test('is nothing before the first read', () => {
    expect(chain.snapshot()).toBeUndefined();
    expect(chain.ageMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('is read whole', async () => {
    Object.assign(node.facts, { depositWei: 5n, withdrawRound: 9n, reserveWei: 3n });
    expect(await chain.poll()).toBe(true);
    expect(chain.snapshot()).toEqual({
      l1Block: 1_000n,
      lastInitializedRound: 7n,
      blockHashForRound: Buffer.alloc(32, 0xab),
      sender: { depositWei: 5n, withdrawRound: 9n, reserveFundsRemainingWei: 3n },
    });
  });

  test('counts in blocks of the chain below, where there is one', async () => {
    node.facts.l1Block = 21_000_000n;
    await chain.poll();
    expect(chain.snapshot()?.l1Block).toBe(21_000_000n);
  });

  test('is as old as the start of its last good read', async () => {
    await chain.poll();
    clock.advance(61_000);
    node.facts.isBroken = true;
    expect(await chain.poll()).toBe(false);
    expect(chain.ageMs()).toBe(61_000);
    expect(chain.snapshot()?.lastInitializedRound).toBe(7n);
    node.facts.isBroken = false;
    await chain.poll();
    expect(chain.ageMs()).toBe(0);
  });

  test('never goes back to an older block, however often it is named', async () => {
    Object.assign(node.facts, { block: 2_000n, round: 9n, timeSec: NOW_SEC });
    expect(await chain.poll()).toBe(true);
    Object.assign(node.facts, { block: 1_990n, round: 8n, timeSec: NOW_SEC - 1 });
    for (let times = 0; times < 3; times += 1) {
      clock.advance(30_000);
      expect(await chain.poll()).toBe(false);
    }
    expect(chain.snapshot()?.lastInitializedRound).toBe(9n);
    expect(chain.ageMs()).toBe(90_000);
    node.facts.timeSec = NOW_SEC;
    expect(await chain.poll()).toBe(true);
    expect(chain.ageMs()).toBe(0);
  });

  test('after a block of the far future, blocks of now are read again', async () => {
    Object.assign(node.facts, { block: 2_000n, timeSec: NOW_SEC + 86_400 });
    expect(await chain.poll()).toBe(true);
    clock.advance(120_000);
    Object.assign(node.facts, { block: 2_001n, timeSec: NOW_SEC + 120 });
    expect(await chain.poll()).toBe(true);
  });

  test('that goes back has another node asked', async () => {
    const reasons: string[] = [];
    const rpc = createRpc({ url: node.url, fetch });
    const options = { controllerAddress: CONTROLLER, senderAddress: SENDER, chainId: undefined };
    const distrust = (reason: string) => void reasons.push(reason);
    const own = followChain({ rpc, clock, log, distrust }, { ...options, pollMs: 1000 });
    node.facts.timeSec = NOW_SEC;
    await own.poll();
    expect(reasons).toEqual([]);
    node.facts.timeSec = NOW_SEC - 7;
    expect(await own.poll()).toBe(false);
    expect(reasons).toEqual(['a block 7 s older than one read before']);
  });

  test('of a chain made anew counts from its beginning', async () => {
    Object.assign(node.facts, { block: 2_000n, timeSec: NOW_SEC });
    await chain.poll();
    Object.assign(node.facts, { block: 3n, timeSec: NOW_SEC + 5 });
    expect(await chain.poll()).toBe(true);
    expect(chain.snapshot()?.l1Block).toBe(3n);
  });

  test('polls at the same time are one', async () => {
    await Promise.all([chain.poll(), chain.poll(), chain.poll()]);
    const blocks = node.calls.filter(({ method }) => method === 'eth_getBlockByNumber');
    expect(blocks).toHaveLength(1);
  });
});

describe('EIP-1898: all reads at one block', () => {
  const places = () => node.calls.filter(({ method }) => method === 'eth_call').map(({ at }) => at);
  const HASH = { blockHash: `0x${(1000).toString(16).padStart(64, '0')}` };

  test('by its hash', async () => {
    await chain.poll();
    expect(places()).toEqual(Array(5).fill(HASH));
  });

  test('by its number where the hash is not understood, found out once', async () => {
    node.facts.refusesHash = -32_602;
    expect(await chain.poll()).toBe(true);
    const first = places();
    expect(first).toContainEqual(HASH);
    node.calls.length = 0;
    expect(await chain.poll()).toBe(true);
    expect(places()).toEqual(Array(3).fill('0x3e8'));
  });

  test('a node that lacks the block is asked by hash again', async () => {
    node.facts.refusesHash = -32_000;
    expect(await chain.poll()).toBe(true);
    node.facts.refusesHash = undefined;
    node.calls.length = 0;
    await chain.poll();
    expect(places()).toEqual(Array(3).fill(HASH));
  });
});

describe('another chain', () => {
  test('is refused', async () => {
    chain = follow(42_161n);
    expect(await chain.poll()).toBe(false);
    expect(chain.snapshot()).toBeUndefined();
  });

  test('is noticed after a failure', async () => {
    chain = follow(31_337n);
    expect(await chain.poll()).toBe(true);
    node.facts.isEmpty = true;
    await chain.poll();
    Object.assign(node.facts, { isEmpty: false, chainId: 1n });
    expect(await chain.poll()).toBe(false);
  });

  test('without Livepeer’s contracts is refused', async () => {
    node.facts.isEmpty = true;
    expect(await chain.poll()).toBe(false);
  });

  test('contracts are looked up once, and again after ten minutes', async () => {
    const lookups = () => node.calls.filter(({ method }) => method === 'eth_call').length;
    await chain.poll();
    await chain.poll();
    expect(lookups()).toBe(5 + 3);
    clock.advance(600_001);
    await chain.poll();
    expect(lookups()).toBe(5 + 3 + 5);
  });
});

describe('answers that are none', () => {
  const answering = (answer: () => Response) => {
    const rpc = createRpc({ url: node.url, fetch: async () => answer() });
    const options = { controllerAddress: CONTROLLER, senderAddress: SENDER, chainId: 1n };
    return followChain({ rpc, clock, log }, { ...options, pollMs: 1000 }).poll();
  };

  test.each<[string, () => Response]>([
    ['no JSON', () => new Response('<html>')],
    ['no answer', () => new Response('[]')],
    ['no result', () => Response.json({ jsonrpc: '2.0', id: 1 })],
    ['null', () => Response.json({ result: null })],
    ['a chain id of another shape', () => Response.json({ result: 1 })],
    ['two megabytes', () => new Response('x'.repeat(2_000_000))],
  ])('%s', async (_name, answer) => {
    expect(await answering(answer)).toBe(false);
  });
});
