import { createServer } from 'node:net';
import {
  type Anvil,
  DEVNET_DEPLOYER_KEY,
  type Deployment,
  deployContracts,
  fundSender,
  startAnvil,
} from '@clearinghouse/devnet';
import { JsonRpcProvider, NonceManager, SigningKey, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOrchestrator, type Orchestrator } from '../orchestrator/create-orchestrator.ts';
import type { WinningTicket } from '../orchestrator/process-payment.ts';
import { gatewaySign, makePayment, toHeaders } from '../sender/make-payment.ts';
import { decodeOrchestratorInfo } from '../wire/convert-orchestrator-info.ts';
import { readSender, type SenderFunds } from './read-sender.ts';
import { redeemTicket } from './redeem-ticket.ts';
import { viewChain } from './view-chain.ts';

const key = new SigningKey(`0x${'11'.repeat(32)}`);
const sender = new Wallet(key).address;
const FACE_VALUE_WEI = 20_000_000_000_000n;
const TERMS = {
  price: { pricePerUnit: 1n, pixelsPerUnit: 1n },
  faceValueWei: FACE_VALUE_WEI,
  evWei: 4_000_000_000_000n,
};

let anvil: Anvil;
let provider: JsonRpcProvider;
let contracts: Deployment;
let redeemer: NonceManager;
let orchestrator: Orchestrator;

beforeAll(async () => {
  anvil = await startAnvil({ port: await freePort() });
  const { rpcUrl } = anvil;
  contracts = await deployContracts({ rpcUrl });
  await fundSender({
    rpcUrl,
    ticketBroker: contracts.ticketBroker,
    senderAddress: sender,
    depositWei: 10n ** 18n,
    reserveWei: 10n ** 18n,
  });
  provider = new JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 20;
  const wallet = new Wallet(DEVNET_DEPLOYER_KEY, provider);
  redeemer = new NonceManager(wallet);
  let seed = 0;
  orchestrator = createOrchestrator({
    secret: Buffer.alloc(32, 7),
    recipient: wallet.address,
    serviceUrl: 'https://orch.example:8935',
    chain: viewChain({ provider, contracts, freshForMs: 0 }),
    nowSec: () => 1_800_000_000,
    random: (bytes) => {
      seed += 1;
      return Buffer.alloc(bytes, seed);
    },
  });
});

afterAll(async () => {
  provider.destroy();
  await anvil.stop();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** Pays until something was won: the draws are fixed by key, secret and seeds. */
async function winTickets(): Promise<readonly WinningTicket[]> {
  const signature = Buffer.from(gatewaySign(key, Buffer.from(sender, 'ascii'))).toString('hex');
  const proof = { address: sender, signature: `0x${signature}` };
  const session = orchestrator.openSession(proof, TERMS);
  if (session === undefined) throw new Error('the proof was refused');
  const info = decodeOrchestratorInfo(await orchestrator.infoOf(session));
  const nonces = Array.from({ length: 40 }, (_, index) => index + 1);
  const made = makePayment({ key, info, manifestId: session.sessionId, nonces });
  const receipt = await orchestrator.pay(toHeaders(made));
  if (!receipt.ok) throw new Error(receipt.reason);
  return orchestrator.totals().winners;
}

function fundsNow(): Promise<SenderFunds> {
  return readSender({ runner: provider, ticketBroker: contracts.ticketBroker }, sender);
}

describe('what the orchestrator draws as winning', () => {
  it('the TicketBroker redeems, each for its face value, once', async () => {
    const winners = await winTickets();
    expect(winners.length).toBeGreaterThan(0);
    const before = await fundsNow();
    const deps = { redeemer, ticketBroker: contracts.ticketBroker };
    for (const winner of winners) {
      const redemption = await redeemTicket(deps, winner);
      expect(redemption.paidWei).toBe(FACE_VALUE_WEI);
    }
    const after = await fundsNow();
    expect(before.depositWei - after.depositWei).toBe(FACE_VALUE_WEI * BigInt(winners.length));
    expect(after.reserveWei).toBe(before.reserveWei);
    const [first] = winners;
    if (first === undefined) throw new Error('nothing was won');
    await expect(redeemTicket(deps, first)).rejects.toThrow('ticket is used');
  });

  it('is exactly what the contract lets win: a ticket that did not is refused', async () => {
    const [winner] = orchestrator.totals().winners;
    if (winner === undefined) throw new Error('nothing was won');
    const deps = { redeemer, ticketBroker: contracts.ticketBroker };
    const wrongRand = { ...winner, recipientRand: winner.recipientRand + 1n };
    await expect(redeemTicket(deps, wrongRand)).rejects.toThrow(
      'recipientRand does not match recipientRandHash',
    );
  });
});
