import { SigningKey, Wallet } from 'ethers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGatewaySession } from '../gateway/create-gateway-session.ts';
import { gatewaySign, makePayment, toHeaders } from '../sender/make-payment.ts';
import { decodeOrchestratorInfo, decodePaymentResult } from '../wire/convert-orchestrator-info.ts';
import { createOrchestrator, type Orchestrator } from './create-orchestrator.ts';
import { type OrchestratorServer, serveOrchestrator } from './serve-orchestrator.ts';
import type { OrchestratorSession } from './terms.ts';

const key = new SigningKey(`0x${'11'.repeat(32)}`);
const address = new Wallet(key).address;
const TERMS = {
  price: { pricePerUnit: 1n, pixelsPerUnit: 1n },
  faceValueWei: 20n,
  evWei: 1n,
};

let orchestrator: Orchestrator;
let server: OrchestratorServer;
let session: OrchestratorSession;

beforeEach(async () => {
  server = await serveOrchestrator(createIdle);
  orchestrator = server.orchestrator;
  const signature = Buffer.from(gatewaySign(key, Buffer.from(address, 'ascii'))).toString('hex');
  const opened = orchestrator.openSession({ address, signature: `0x${signature}` }, TERMS);
  if (opened === undefined) throw new Error('the proof was refused');
  session = opened;
});

afterEach(() => server.close());

function createIdle(serviceUrl: string): Orchestrator {
  return createOrchestrator({
    secret: Buffer.alloc(32, 7),
    recipient: `0x${'ab'.repeat(20)}`,
    serviceUrl,
    chain: {
      lastSeenL1Block: async () => 5n,
      currentRound: async () => ({ number: 1n, blockHash: Buffer.alloc(32, 9) }),
      withdrawRoundOf: async () => 0n,
      isActive: async () => true,
    },
    nowSec: () => 1_800_000_000,
    random: (bytes) => Buffer.alloc(bytes, 3),
  });
}

async function readHeaders(nonces: readonly number[]): Promise<Record<string, string>> {
  const info = decodeOrchestratorInfo(await orchestrator.infoOf(session));
  const made = makePayment({ key, info, manifestId: session.sessionId, nonces });
  const { payment, segment } = toHeaders(made);
  return { 'Livepeer-Payment': payment, 'Livepeer-Segment': segment };
}

describe('POST /payment', () => {
  it('answers 200 with a PaymentResult, then 400 for the same nonces', async () => {
    const headers = await readHeaders([1]);
    const answer = await fetch(`${server.url}/payment`, { method: 'POST', headers });
    expect(answer.status).toBe(200);
    const result = new Uint8Array(await answer.arrayBuffer());
    const info = decodeOrchestratorInfo(decodePaymentResult(result));
    expect(info.authToken.sessionId).toBe(session.sessionId);
    expect(info.transcoder).toBe(server.url);
    const again = await fetch(`${server.url}/payment`, { method: 'POST', headers });
    expect([again.status, await again.text()]).toEqual([400, 'nonce_seen\n']);
  });

  it('answers 402 without headers, and 404 elsewhere', async () => {
    const bare = await fetch(`${server.url}/payment`, {
      method: 'POST',
      headers: { 'Livepeer-Payment': '!' },
    });
    expect(bare.status).toBe(402);
    expect((await fetch(`${server.url}/other`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${server.url}/payment`)).status).toBe(404);
  });
});

describe('POST /refresh-payment', () => {
  it('gives fresh params for a known session only', async () => {
    const ask = (manifestId: string): Promise<Response> =>
      fetch(`${server.url}/refresh-payment`, {
        method: 'POST',
        body: JSON.stringify({ sender: address, manifest_id: manifestId }),
      });
    const answer = (await (await ask(session.sessionId)).json()) as { payment_params: string };
    const info = decodeOrchestratorInfo(Buffer.from(answer.payment_params, 'base64'));
    expect(info.priceInfo).toEqual(TERMS.price);
    expect((await ask('unknown')).status).toBe(404);
  });
});

describe('a gateway whose signer is not there', () => {
  it('fails instead of waiting', async () => {
    await server.close();
    const gateway = createGatewaySession({
      signerUrl: server.url,
      signerHeaders: {},
      client: 'go',
      type: 'lv2v',
      info: await orchestrator.infoOf(session),
      link: {
        refresh: () => orchestrator.infoOf(session),
        pay: (headers) => orchestrator.pay(headers),
      },
    });
    await expect(gateway.pay()).rejects.toThrow();
  });
});
