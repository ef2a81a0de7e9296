import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@clearinghouse/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type OrchestratorDouble,
  startOrchestratorDouble,
} from '../testing/orchestrator-double.ts';
import { SIGNER_WALLET } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';
import { readFields } from '../wire/read-fields.ts';

const LIVE = 35;
const LLM = 33;
const runner = (uri: string, change: Record<string, unknown> = {}) => ({
  url: `${uri}/apps/scope`,
  gpu: { name: 'L40S' },
  app: 'live-video-to-video/scope',
  version: '1.2.3',
  capacity: 2,
  capacity_used: 1,
  capacity_available: 1,
  price_info: { price: 10, currency: 'wei', unit: '720p-pixel-seconds' },
  ...change,
});

describe('10: GET /discover-orchestrators', () => {
  const stops: (() => Promise<unknown>)[] = [];
  let world: World;
  let first: OrchestratorDouble;
  let second: OrchestratorDouble;

  beforeEach(async () => {
    first = await startOrchestratorDouble({
      models: [
        { capability: LIVE, model: 'scope', price: [5n, 1n] },
        { capability: LLM, model: 'small', price: [7n, 2n] },
        { capability: LLM, model: 'dear', price: [1_000n, 1n] },
        { capability: LLM, model: 'unpriced' },
        { capability: LLM, model: 'free', price: [0n, 1n] },
      ],
      discovery: (uri) => JSON.stringify([{ address: `${uri}/`, runners: [runner(uri)] }]),
    });
    second = await startOrchestratorDouble({
      models: [{ capability: LLM, model: 'small', price: [3n, 1n] }],
    });
    stops.push(first.stop, second.stop);
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  const start = async (env: Record<string, string>) => {
    world = await startWorld('postgres', { MAX_PRICE_PER_UNIT: '100', ...env });
    stops.push(world.stop);
  };
  const get = async (query = '', headers?: Record<string, string>) => {
    const url = `${world.signer.url}/discover-orchestrators${query}`;
    const Authorization = `Bearer ${world.issuer.mint()}`;
    const response = await fetch(url, { headers: headers ?? { Authorization } });
    const text = await response.text();
    return { status: response.status, text, json: parse(text) };
  };
  const known = async (count: number) => {
    await waitFor(async () => ((await get()).json as unknown[])?.length === count, {
      what: `${count} orchestrators`,
    });
  };
  const list = () => ({ DISCOVERY_ORCHESTRATORS: `${first.uri}/, ${second.uri},${first.uri}` });

  test('a list: who offers something that we would pay, each once, with its runners', async () => {
    await start(list());
    await known(2);
    const { status, json } = await get();
    expect(status).toBe(200);
    expect(json).toEqual([
      {
        address: first.uri,
        score: 1,
        capabilities: ['llm/small', 'live-video-to-video/scope'],
        runners: [runner(first.uri)],
      },
      { address: second.uri, score: 1, capabilities: ['llm/small'] },
    ]);
  });

  test('the node is shown our address and our signature over it', async () => {
    await start(list());
    await known(2);
    const fields: Buffer[] = [];
    readFields(first.asked[0] ?? Buffer.alloc(0), (field) => {
      if ('bytes' in field) fields[field.number] = Buffer.from(field.bytes);
    });
    expect(`0x${fields[1]?.toString('hex')}`).toBe(SIGNER_WALLET.address.toLowerCase());
    expect(fields[2]).toHaveLength(65);
  });

  test('caps: any of them, in their order, each orchestrator once; empty ones are ignored', async () => {
    await start(list());
    await known(2);
    const addresses = async (query: string) =>
      ((await get(query)).json as { address: string }[]).map(({ address }) => address);
    expect(await addresses('?caps=llm/small')).toEqual([first.uri, second.uri]);
    expect(await addresses('?caps=&caps=live-video-to-video/scope')).toEqual([first.uri]);
    expect(await addresses('?caps=none&caps=llm/small&caps=live-video-to-video/scope')).toEqual([
      first.uri,
      second.uri,
    ]);
    expect(await get('?caps=llm/dear')).toMatchObject({ status: 200, text: '[]\n' });
    expect(await get(`?${'caps=a&'.repeat(101)}`)).toMatchObject({ status: 400 });
  });

  test('needs a credential, as the other routes do; open where the operator says so', async () => {
    await start(list());
    expect(await get('', {})).toMatchObject({ status: 401 });
    await start({ ...list(), DISCOVERY_OPEN: '1' });
    await waitFor(async () => (await get('', {})).status === 200, { what: 'an open answer' });
  });

  test('without a source there is no such page; with one another method is 405', async () => {
    const post = async () => {
      const url = `${world.signer.url}/discover-orchestrators`;
      return (await fetch(url, { method: 'POST' })).status;
    };
    await start({});
    expect(await get()).toMatchObject({ status: 404, text: '404 page not found\n' });
    expect(await post()).toBe(404);
    await start(list());
    expect(await post()).toBe(405);
  });

  test.each(['hang', 'nonsense', 'refuse', 'huge'] as const)(
    'a node that answers %s does not keep the others from being found',
    async (mode) => {
      first.rules.grpc = mode;
      first.rules.http = mode;
      await start(list());
      await known(1);
      expect(((await get()).json as { address: string }[])[0]?.address).toBe(second.uri);
    },
  );

  test('a node speaks for itself alone', async () => {
    const liar = await startOrchestratorDouble({
      discovery: (uri) =>
        JSON.stringify([
          { address: second.uri, runners: [runner('https://liar.example')] },
          { address: uri, runners: [runner(uri)] },
        ]),
    });
    stops.push(liar.stop);
    await start({ DISCOVERY_ORCHESTRATORS: `${liar.uri},${second.uri}` });
    await known(2);
    const { json } = await get();
    expect(json).toMatchObject([{ address: liar.uri }, { address: second.uri }]);
    expect(JSON.stringify(json)).not.toContain('liar.example');
  });

  test('503 while nothing is known; what is known stays when the source is away', async () => {
    let status = 500;
    const webhook = await startWebhook(() => [status, JSON.stringify([{ address: second.uri }])]);
    stops.push(async () => webhook.close());
    const { port } = webhook.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/orchestrators`;
    await start({ DISCOVERY_WEBHOOK_URL: url, DISCOVERY_INTERVAL_MS: '1000' });
    const before = await get();
    expect(before.status).toBe(503);
    expect(before.json).toMatchObject({ error: { message: 'Service Unavailable Error' } });
    status = 200;
    await known(1);
    status = 500;
    await second.stop();
    const asked = second.asked.length;
    await waitFor(async () => webhookCalls.count > asked + 3, { what: 'more looks' });
    expect((await get()).json).toHaveLength(1);
  });
});

const webhookCalls = { count: 0 };

async function startWebhook(answer: () => [status: number, text: string]): Promise<Server> {
  webhookCalls.count = 0;
  const server = createServer((_req, res) => {
    webhookCalls.count += 1;
    const [status, text] = answer();
    res.statusCode = status;
    res.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
