import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the chain says; a test changes it as it likes. */
export type ChainFacts = {
  chainId: bigint;
  block: bigint;
  /** The newest block's own time; absent: it is not told. */
  timeSec: number | undefined;
  /** Absent on chains that have none below. */
  l1Block: bigint | undefined;
  round: bigint;
  depositWei: bigint;
  /** Deposits of single accounts, before that of all; lower-case. */
  deposits: Map<string, bigint>;
  withdrawRound: bigint;
  reserveWei: bigint;
  /** What the BondingManager says of everybody. */
  isRegistered: boolean;
  /** Refuses reads by block hash with this JSON-RPC code. */
  refusesHash: number | undefined;
  /** Answers everything with status 500. */
  isBroken: boolean;
  /** Knows no contract. */
  isEmpty: boolean;
};

/** A node of a chain with Livepeer's contracts, as far as a signer reads them. */
export type NodeDouble = {
  readonly url: string;
  readonly facts: ChainFacts;
  /** Methods asked for, with the block that each read named. */
  readonly calls: { readonly method: string; readonly at: unknown }[];
  readonly stop: () => Promise<void>;
};

export const CONTROLLER = `0x${'c0'.repeat(20)}`;
const BROKER = `0x${'b0'.repeat(20)}`;
const ROUNDS = `0x${'a0'.repeat(20)}`;
const ETHER = 10n ** 18n;

/** Starts a node on a free port. */
export async function startNodeDouble(): Promise<NodeDouble> {
  const facts: ChainFacts = {
    chainId: 31_337n,
    block: 1_000n,
    timeSec: undefined,
    l1Block: undefined,
    round: 7n,
    depositWei: ETHER,
    deposits: new Map(),
    withdrawRound: 0n,
    reserveWei: ETHER,
    isRegistered: true,
    refusesHash: undefined,
    isBroken: false,
    isEmpty: false,
  };
  const calls: NodeDouble['calls'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (facts.isBroken) return response.writeHead(500).end('{}');
      // Whoever stopped before its question was sent.
      if (chunks.length === 0) return response.writeHead(400).end('{}');
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
      calls.push({ method, at: params[1] });
      const answer = answerTo(facts, method, params);
      return response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    facts,
    calls,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(facts: ChainFacts, method: string, params: readonly unknown[]) {
  if (method === 'eth_chainId') return { result: hex(facts.chainId) };
  if (method === 'eth_getBlockByNumber') {
    const below = facts.l1Block === undefined ? {} : { l1BlockNumber: hex(facts.l1Block) };
    const time = facts.timeSec === undefined ? {} : { timestamp: hex(BigInt(facts.timeSec)) };
    const block = { number: hex(facts.block), hash: `0x${word(facts.block)}`, ...below, ...time };
    return { result: block };
  }
  const isByHash = typeof params[1] === 'object';
  if (isByHash && facts.refusesHash) return { error: { code: facts.refusesHash, message: 'no' } };
  return { result: `0x${readContract(facts, params[0] as { to: string; data: string })}` };
}

function readContract(facts: ChainFacts, { to, data }: { to: string; data: string }): string {
  const selector = data.slice(0, 10);
  if (facts.isEmpty) return '';
  if (to === CONTROLLER && selector === '0xe16c7d98') {
    return word(data.slice(10, 14) === 'bd1a' ? BROKER : ROUNDS);
  }
  if (to === ROUNDS && selector === '0x68ba170c') return word(facts.isRegistered ? 1n : 0n);
  if (to === ROUNDS && selector === '0x8807f36e') return word(facts.round);
  if (to === ROUNDS && selector === '0x3aa4add4') return 'ab'.repeat(32);
  if (to === BROKER && selector === '0xe1a589da') {
    const depositWei = facts.deposits.get(`0x${data.slice(-40)}`) ?? facts.depositWei;
    return [depositWei, facts.withdrawRound, facts.reserveWei, 0n].map(word).join('');
  }
  return '';
}

function word(value: bigint | string): string {
  return (typeof value === 'bigint' ? value.toString(16) : value.slice(2)).padStart(64, '0');
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
