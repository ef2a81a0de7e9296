import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeOrchestratorInfo, encodePaymentResult } from '../wire/convert-orchestrator-info.ts';
import { createGatewaySession, type GatewaySession } from './create-gateway-session.ts';

type Answer = { status: number; body: string; headers?: Record<string, string> };
type Seen = { rawHeaders: string[]; body: string; url: string | undefined };

const ORCHESTRATOR_URL = 'https://orch.example:8935';
const PAYMENT: Answer = {
  status: 200,
  body: '{"payment":"AA==","segCreds":"AQ==","state":{"State":"e30=","Sig":"Ag=="}}\n',
};
const REFRESH: Answer = {
  status: 480,
  body: '{"error":{"message":"refresh session for remote signer"}}\n',
  headers: { 'Livepeer-Orchestrator-URL': ORCHESTRATOR_URL },
};

let server: Server;
let answers: Answer[];
let seen: Seen[];
let refreshes: number;

beforeEach(async () => {
  answers = [];
  seen = [];
  refreshes = 0;
  server = createServer(async (request, response) => {
    seen.push({ rawHeaders: request.rawHeaders, body: await read(request), url: request.url });
    const answer = answers.shift() ?? PAYMENT;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function infoNamed(sessionId: string): Uint8Array {
  const address = Buffer.alloc(20, 1);
  return encodeOrchestratorInfo({
    transcoder: ORCHESTRATOR_URL,
    address,
    priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 1n },
    authToken: { token: Buffer.alloc(32), sessionId, expirationSec: 1n },
    ticketParams: {
      recipient: address,
      faceValue: 1n,
      winProb: 1n,
      recipientRandHash: Buffer.alloc(32, 2),
      seed: 1n,
      expirationBlock: 1n,
    },
  });
}

function open(client: 'go' | 'python'): GatewaySession {
  const { port } = server.address() as AddressInfo;
  return createGatewaySession({
    signerUrl: `http://127.0.0.1:${port}`,
    signerHeaders: { Authorization: 'Bearer t' },
    client,
    type: 'lv2v',
    info: infoNamed('start'),
    link: {
      refresh: async () => {
        refreshes += 1;
        return infoNamed(`refreshed-${refreshes}`);
      },
      pay: async () => ({
        ok: true,
        manifestId: 'job-1',
        result: encodePaymentResult(infoNamed('adopted')),
      }),
    },
  });
}

function infoOf(call: Seen | undefined): string {
  const { orchestrator } = JSON.parse(call?.body ?? '') as { orchestrator: string };
  return Buffer.from(orchestrator, 'base64').toString('latin1');
}

describe('a go gateway', () => {
  it('sends its headers and its first body as Go does', async () => {
    await open('go').pay();
    expect(seen[0]?.url).toBe('/generate-live-payment');
    const names = seen[0]?.rawHeaders.filter((_, index) => index % 2 === 0);
    expect(names?.filter((name) => name !== 'Connection')).toEqual([
      'Host',
      'User-Agent',
      'Content-Length',
      'Authorization',
      'Content-Type',
      'Accept-Encoding',
    ]);
    expect(seen[0]?.body.startsWith('{"state":{"State":null,"Sig":null},"orchestrator":"')).toBe(
      true,
    );
    expect(
      seen[0]?.body.endsWith('","ManifestID":"","inPixels":0,"type":"lv2v","capabilities":null}'),
    ).toBe(true);
  });

  it("carries the state, the orchestrator's id and its newest info into the next call", async () => {
    const session = open('go');
    await session.pay();
    await session.pay();
    const second = JSON.parse(seen[1]?.body ?? '') as Record<string, unknown>;
    expect(second.state).toEqual({ State: 'e30=', Sig: 'Ag==' });
    expect(second.ManifestID).toBe('job-1');
    expect(infoOf(seen[1])).toContain('adopted');
  });

  it('refreshes after a 480 and asks again, but not for ever', async () => {
    answers = [REFRESH, PAYMENT];
    const session = open('go');
    expect(await session.pay()).toMatchObject({ kind: 'paid', refreshes: 1 });
    expect(infoOf(seen[1])).toContain('refreshed-1');
    answers = Array(9).fill(REFRESH);
    expect(await session.pay()).toEqual({ kind: 'too_many_refreshes' });
    expect(refreshes).toBe(1 + 4);
  });

  it('does not take a 480 that names another orchestrator', async () => {
    answers = [{ ...REFRESH, headers: { 'Livepeer-Orchestrator-URL': 'https://other' } }];
    await expect(open('go').pay()).rejects.toThrow('https://other');
  });

  it('keeps its state through a 482 and an error', async () => {
    const session = open('go');
    await session.pay();
    const before = session.state();
    answers = [
      { status: 482, body: '{"error":{"message":"no tickets"}}\n' },
      { status: 402, body: '{"error":{"message":"spent","code":"user_cap"}}\n' },
    ];
    expect(await session.pay()).toEqual({ kind: 'skipped', refreshes: 0 });
    expect(await session.pay()).toEqual({
      kind: 'error',
      status: 402,
      message: 'spent',
      code: 'user_cap',
    });
    expect(session.state()).toEqual(before);
  });
});

describe('a python client', () => {
  it('names no state at first and keeps its own info', async () => {
    const session = open('python');
    await session.pay();
    await session.pay();
    expect(Object.keys(JSON.parse(seen[0]?.body ?? ''))).toEqual(['orchestrator', 'type']);
    expect(infoOf(seen[1])).toContain('start');
    expect(Object.keys(JSON.parse(seen[1]?.body ?? ''))).toEqual([
      'orchestrator',
      'type',
      'ManifestID',
      'state',
    ]);
  });

  it('gives up after three refreshes', async () => {
    answers = Array(9).fill(REFRESH);
    expect(await open('python').pay()).toEqual({ kind: 'too_many_refreshes' });
    expect(refreshes).toBe(3);
  });
});
