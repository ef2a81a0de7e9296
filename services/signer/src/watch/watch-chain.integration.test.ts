import { redeemWinningTicket } from '@clearinghouse/devnet';
import { type Address, createLog, systemClock } from '@clearinghouse/shared';
import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { concat, getBytes, id, keccak256, solidityPackedKeccak256, toBeHex, Wallet } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRpc } from '../chain/call-rpc.ts';
import { compareHeads } from '../chain/compare-heads.ts';
import { joinNodes, type Nodes } from '../chain/fail-over.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { type BooksDouble, openBooksDouble } from '../testing/books-double.ts';
import { type NodeProxy, startNodeProxy } from '../testing/node-proxy.ts';
import { watchChain } from './watch-chain.ts';

const log = createLog({ service: 'test', level: 'silent' });
const wallet = Wallet.createRandom();
const sender = wallet.address.toLowerCase() as Address;
const NOW_SEC = Math.floor(Date.now() / 1000);
const RECIPIENT_RAND = 77n;
const SURE = 2n ** 256n - 1n;

let evm: TestEvm;
let proxy: NodeProxy;
let books: BooksDouble;
let snapshot: unknown;
beforeAll(async () => {
  evm = await createTestEvm();
  proxy = await startNodeProxy(evm.rpcUrl);
});
afterAll(async () => {
  await proxy?.stop();
  await evm?.stop();
});
beforeEach(async () => {
  snapshot = await evm.call('evm_snapshot');
  books = openBooksDouble();
  proxy.rule = () => undefined;
  proxy.calls.length = 0;
});
afterEach(() => evm.call('evm_revert', [snapshot]));

const nodesAt = (...urls: [string, ...string[]]): Nodes => {
  const [first, ...others] = urls.map((url) => createRpc({ url, fetch }));
  if (!first) throw new Error('no node');
  return joinNodes(
    { monotonicMs: systemClock.monotonicMs, log },
    { nodes: [first, ...others], chainId: 31_337n },
  );
};
const watcherOf = (nodes: Nodes, options: { rangeMax?: number; confirmations?: number } = {}) =>
  watchChain(
    { nodes, ask: books.ask, clock: systemClock, log },
    {
      controllerAddress: evm.contracts.controller,
      chainId: 31_337n,
      epoch: undefined,
      senders: [sender],
      confirmations: options.confirmations ?? 0,
      startBlock: undefined,
      rangeMax: options.rangeMax ?? 100,
      pollMs: 60_000,
    },
  );
const fund = (depositWei: bigint, reserveWei = 1n) => evm.fund(sender, depositWei, reserveWei);
const names = () => books.kept().events.map(({ name }) => name);
const deposits = () =>
  books.kept().events.flatMap((event) => (event.name === 'DepositFunded' ? event.amountWei : []));
const height = async () => Number(await evm.call('eth_blockNumber'));

/** From the account itself, which anvil lets us impersonate. */
async function callBroker(signature: string): Promise<void> {
  await evm.call('anvil_setBalance', [sender, toBeHex(10n ** 18n)]);
  await evm.call('anvil_impersonateAccount', [sender]);
  const data = id(signature).slice(0, 10);
  await evm.call('eth_sendTransaction', [
    { from: sender, to: evm.contracts.ticketBroker, data, gas: '0x7a120' },
  ]);
}

async function redeem(faceValue: bigint, nonce: bigint) {
  const round = await evm.readRound();
  const ticket = {
    recipient: Wallet.createRandom().address,
    sender: wallet.address,
    faceValue,
    winProb: SURE,
    senderNonce: nonce,
    recipientRandHash: keccak256(toBeHex(RECIPIENT_RAND, 32)),
    auxData: concat([toBeHex(round.number, 32), round.blockHash]),
  };
  const hash = solidityPackedKeccak256(
    ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'],
    Object.values(ticket),
  );
  await redeemWinningTicket({
    rpcUrl: evm.rpcUrl,
    ticketBroker: evm.contracts.ticketBroker,
    ticket,
    signature: wallet.signMessageSync(getBytes(hash)),
    recipientRand: RECIPIENT_RAND,
  });
  return { ticket, round };
}

describe('events of our accounts reach the books', () => {
  test('each kind once, in the order of the chain, with what the contract says at the end', async () => {
    const watcher = watcherOf(nodesAt(evm.rpcUrl));
    expect(await watcher.look()).toBe(true);
    await fund(1000n, 400n);
    await evm.fund(Wallet.createRandom().address, 5n, 5n);
    const { ticket, round } = await redeem(30n, 1n);
    await redeem(1_100n, 2n);
    await callBroker('unlock()');
    await callBroker('cancelUnlock()');
    await callBroker('unlock()');
    await evm.advanceRounds(4n);
    await callBroker('withdraw()');
    expect(await watcher.look()).toBe(true);
    expect(names()).toEqual([
      'ReserveFunded',
      'DepositFunded',
      'WinningTicketTransfer',
      'WinningTicketRedeemed',
      'ReserveClaimed',
      'WinningTicketTransfer',
      'WinningTicketRedeemed',
      'Unlock',
      'UnlockCancelled',
      'Unlock',
      'Withdrawal',
    ]);
    expect(books.kept().events[3]).toMatchObject({
      sender,
      recipient: ticket.recipient.toLowerCase(),
      faceValueWei: 30n,
      winProb: SURE,
      senderNonce: 1n,
      recipientRandHash: ticket.recipientRandHash.slice(2),
      creation: { round: round.number, blockHash: round.blockHash.slice(2) },
    });
    const withdrawal = books.kept().events.at(-1);
    expect(withdrawal).toMatchObject({ depositWei: 0n });
    expect(books.kept().observed).toMatchObject([{ depositWei: 0n, reserveWei: 0n }]);
    expect(watcher.status()).toMatchObject({ lagBlocks: 0, fault: undefined });
  });

  test('only when enough blocks lie on top', async () => {
    const watcher = watcherOf(nodesAt(evm.rpcUrl), { confirmations: 3 });
    await watcher.look();
    await fund(1n);
    await watcher.look();
    expect(deposits()).toEqual([]);
    await evm.mine(3);
    await watcher.look();
    expect(deposits()).toEqual([1n]);
  });

  test('two watchers at once hand over each event once', async () => {
    const watchers = [watcherOf(nodesAt(evm.rpcUrl)), watcherOf(nodesAt(evm.rpcUrl))];
    const looks = () => Promise.all(watchers.map((one) => one.look()));
    await looks();
    for (const amount of [1n, 2n, 3n]) {
      await fund(amount);
      expect(await looks()).toEqual([true, true]);
    }
    expect(deposits()).toEqual([1n, 2n, 3n]);
    expect(books.steps.filter(({ accepted }) => !accepted).length).toBeGreaterThan(0);
  });

  test('a watcher killed after billing took a step, before it heard of it: the next goes on', async () => {
    await watcherOf(nodesAt(evm.rpcUrl)).look();
    await fund(1n);
    books.lostAnswers = 2;
    // The read is lost, then the step itself.
    const killed = watcherOf(nodesAt(evm.rpcUrl));
    expect(await killed.look()).toBe(false);
    expect(await killed.look()).toBe(false);
    await fund(2n);
    const next = watcherOf(nodesAt(evm.rpcUrl));
    expect(await next.look()).toBe(true);
    expect(deposits()).toEqual([1n, 2n]);
  });

  test('the answer to the step itself is lost', async () => {
    const watcher = watcherOf(nodesAt(evm.rpcUrl));
    await watcher.look();
    await fund(1n);
    books.lostAnswers = 1;
    expect(await watcher.look()).toBe(false);
    expect(watcher.status().fault).toMatch(/billing gave no answer/);
    expect(deposits()).toEqual([1n]);
    await fund(2n);
    expect(await watcher.look()).toBe(true);
    expect(deposits()).toEqual([1n, 2n]);
  });
});

describe('the chain is reorganised', () => {
  test('what was in blocks that went is undone, and what is there now is read', async () => {
    const watcher = watcherOf(nodesAt(evm.rpcUrl));
    await watcher.look();
    await fund(1n);
    await watcher.look();
    const fork = await evm.call('evm_snapshot');
    await fund(20n);
    await watcher.look();
    await fund(21n);
    await watcher.look();
    expect(deposits()).toEqual([1n, 20n, 21n]);
    await evm.call('evm_revert', [fork]);
    await fund(300n);
    await evm.mine(4);
    expect(await watcher.look()).toBe(true);
    expect(deposits()).toEqual([1n, 300n]);
    expect(books.kept().cursor.number).toBe(await height());
  });

  test('to a shorter one, too', async () => {
    const watcher = watcherOf(nodesAt(evm.rpcUrl));
    await watcher.look();
    const fork = await evm.call('evm_snapshot');
    await fund(1n);
    await watcher.look();
    await fund(2n);
    await watcher.look();
    await evm.call('evm_revert', [fork]);
    await fund(300n);
    expect(await watcher.look()).toBe(true);
    expect(deposits()).toEqual([300n]);
  });

  test('another chain altogether is told and moves nothing', async () => {
    const watcher = watcherOf(nodesAt(evm.rpcUrl));
    await watcher.look();
    await fund(1n);
    await watcher.look();
    const kept = books.kept();
    kept.checkpoints = kept.checkpoints.map(({ number }) => ({ number, hash: '00'.repeat(32) }));
    kept.cursor = kept.checkpoints.at(-1) ?? kept.cursor;
    const again = watcherOf(nodesAt(evm.rpcUrl));
    expect(await again.look()).toBe(false);
    expect(again.status().fault).toMatch(/no block that billing knows/);
    expect(deposits()).toEqual([1n]);
  });
});

describe('nodes that fail', () => {
  const dead = 'http://127.0.0.1:9';

  test('the first is dead: the second is used', async () => {
    const nodes = nodesAt(dead, evm.rpcUrl);
    const watcher = watcherOf(nodes);
    expect(await watcher.look()).toBe(false);
    expect(nodes.current()).toBe(1);
    expect(await watcher.look()).toBe(true);
    await fund(1n);
    await watcher.look();
    expect(deposits()).toEqual([1n]);
  });

  test('the first is on another chain: it is not believed', async () => {
    proxy.rule = ({ method }) =>
      method === 'eth_chainId' ? { body: { result: '0x1' } } : undefined;
    const nodes = nodesAt(proxy.url, evm.rpcUrl);
    const watcher = watcherOf(nodes);
    await watcher.look();
    expect(await watcher.look()).toBe(true);
    expect(nodes.current()).toBe(1);
    expect(proxy.calls.every(({ method }) => method === 'eth_chainId')).toBe(true);
  });

  test('the first stands still: the second is used, and no event is lost', async () => {
    const nodes = nodesAt(proxy.url, evm.rpcUrl);
    const watcher = watcherOf(nodes);
    await watcher.look();
    const latest = (await evm.call('eth_getBlockByNumber', ['latest', false])) as object;
    const stale = { ...latest, timestamp: toBeHex(NOW_SEC - 300) };
    proxy.rule = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest'
        ? { body: { result: stale } }
        : undefined;
    await fund(1n);
    await watcher.look();
    expect(deposits()).toEqual([]);
    await compareHeads(nodes, NOW_SEC);
    expect(nodes.current()).toBe(1);
    await watcher.look();
    expect(deposits()).toEqual([1n]);
  });

  test('the first has fewer blocks than billing: the second is used', async () => {
    await watcherOf(nodesAt(evm.rpcUrl)).look();
    await evm.mine(3);
    await watcherOf(nodesAt(evm.rpcUrl)).look();
    const { cursor } = books.kept();
    const old = await evm.call('eth_getBlockByNumber', [toBeHex(cursor.number - 1), false]);
    proxy.rule = ({ method, params }) => {
      if (method !== 'eth_getBlockByNumber') return undefined;
      if (params[0] === 'latest') return { body: { result: old } };
      return Number(params[0]) >= cursor.number ? { body: { result: null } } : undefined;
    };
    const nodes = nodesAt(proxy.url, evm.rpcUrl);
    const watcher = watcherOf(nodes);
    expect(await watcher.look()).toBe(false);
    expect(watcher.status().fault).toMatch(/behind/);
    expect(nodes.current()).toBe(1);
    expect(books.kept().cursor).toEqual(cursor);
    expect(await watcher.look()).toBe(true);
  });

  test.each<[string, { status?: number; body: object }]>([
    ['by a code of its own', { body: { error: { code: -32_602, message: 'range' } } }],
    ['as a limit', { body: { error: { code: -32_005, message: 'limit' } } }],
    ['by HTTP', { status: 413, body: {} }],
    ['by silence on what is too large', { body: { result: 'x'.repeat(1_100_000) } }],
  ])('ranges above a limit are refused %s: they are halved', async (_how, refusal) => {
    const watcher = watcherOf(nodesAt(proxy.url), { rangeMax: 64 });
    await watcher.look();
    for (const amount of [1n, 2n, 3n]) {
      await fund(amount);
      await evm.mine(15);
    }
    const spans: number[] = [];
    proxy.rule = ({ method, params }) => {
      if (method !== 'eth_getLogs') return undefined;
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
      const span = Number(toBlock) - Number(fromBlock) + 1;
      spans.push(span);
      return span > 10 ? refusal : undefined;
    };
    expect(await watcher.look()).toBe(true);
    expect(deposits()).toEqual([1n, 2n, 3n]);
    expect(Math.max(...spans.slice(4))).toBeLessThanOrEqual(11);
    expect(books.kept().cursor.number).toBe(await height());
  });

  const withoutLogs: NodeProxy['rule'] = ({ method }) =>
    method === 'eth_getLogs' ? { body: { result: [] } } : undefined;

  test('the first leaves events out: the contract tells, and the second is used', async () => {
    const nodes = nodesAt(proxy.url, evm.rpcUrl);
    const watcher = watcherOf(nodes);
    await watcher.look();
    proxy.rule = withoutLogs;
    await fund(1n);
    expect(await watcher.look()).toBe(false);
    expect(watcher.status().fault).toMatch(/left out events/);
    expect(books.kept().events).toEqual([]);
    expect(nodes.current()).toBe(1);
    expect(await watcher.look()).toBe(true);
    expect(deposits()).toEqual([1n]);
  });

  test('found at the start too; the only node is asked again, and in the end billing judges', async () => {
    await watcherOf(nodesAt(evm.rpcUrl)).look();
    await fund(1n);
    proxy.rule = withoutLogs;
    const watcher = watcherOf(nodesAt(proxy.url));
    const looks: boolean[] = [];
    for (let times = 0; times <= CHAIN_LIMITS.differencesMax; times += 1) {
      looks.push(await watcher.look());
    }
    expect(looks).toEqual([...Array(CHAIN_LIMITS.differencesMax).fill(false), true]);
    expect(books.kept().observed).toMatchObject([{ depositWei: 1n }]);
    expect(books.kept().events).toEqual([]);
  });

  test('a log whose block is another one by now is not handed over', async () => {
    const watcher = watcherOf(nodesAt(proxy.url));
    await watcher.look();
    await fund(1n);
    proxy.rule = ({ method }) =>
      method === 'eth_getLogs'
        ? {
            body: {
              result: [
                {
                  topics: [id('UnlockCancelled(address)'), toBeHex(sender, 32)],
                  data: '0x',
                  blockNumber: toBeHex(books.kept().cursor.number + 1),
                  blockHash: `0x${'ee'.repeat(32)}`,
                  transactionHash: `0x${'aa'.repeat(32)}`,
                  logIndex: '0x0',
                },
              ],
            },
          }
        : undefined;
    expect(await watcher.look()).toBe(false);
    expect(books.kept().events).toEqual([]);
  });
});
