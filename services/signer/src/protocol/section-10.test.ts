import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { discoveryOf } from '../config/discovery.ts';
import { judgeOffer } from '../discovery/judge-offer.ts';
import { listNodes } from '../discovery/list-nodes.ts';
import type { Entry } from '../discovery/look-around.ts';
import { readNamed } from '../discovery/read-runners.ts';
import { whole } from '../payments/rational.ts';
import { CREDENTIAL, startSurface, type TestSurface } from './fixtures/start-surface.ts';

const PIPELINE_NAMES = [
  [27, 'text-to-image'],
  [28, 'image-to-image'],
  [29, 'image-to-video'],
  [30, 'upscale'],
  [31, 'audio-to-text'],
  [32, 'segment-anything-2'],
  [33, 'llm'],
  [34, 'image-to-text'],
  [35, 'live-video-to-video'],
  [36, 'text-to-speech'],
  [37, 'byoc'],
] as const;

const entry = (uri: string, ...capabilities: string[]): Entry => ({
  uri,
  capabilities,
  json: JSON.stringify({ address: uri, score: 1, capabilities }),
});
const RUNNER = {
  url: 'https://a.example/apps/x',
  app: 'x',
  price_info: { price: '10', currency: 'wei', unit: 'seconds' },
};

let surface: TestSurface;
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => surface.reset());

const discover = async (query = '', method = 'GET') => {
  const headers = { Authorization: `Bearer ${CREDENTIAL}` };
  const url = `${surface.url}/discover-orchestrators${query}`;
  const response = await fetch(url, { method, headers });
  return { status: response.status, text: await response.text() };
};
const know = (...entries: Entry[]) => {
  surface.neighbours.discovered = entries;
};

describe('10: GET /discover-orchestrators', () => {
  const [one, two, three] = [
    entry('https://a.example', 'llm/small', 'llm/large'),
    entry('https://b.example', 'llm/large'),
    entry('https://c.example', 'upscale/x'),
  ];

  test('10 query: any of the caps, each once, in the order of the caps; empty ones are nothing', async () => {
    know(one, two, three);
    const addresses = async (query: string) =>
      JSON.parse((await discover(query)).text).map(({ address }: { address: string }) => address);
    expect(await addresses('')).toEqual([one.uri, two.uri, three.uri]);
    expect(await addresses('?caps=&caps=')).toEqual([one.uri, two.uri, three.uri]);
    expect(await addresses('?caps=upscale/x&caps=llm/large&caps=llm/small')).toEqual([
      three.uri,
      one.uri,
      two.uri,
    ]);
    expect(await addresses('?caps=llm%2Flarge&other=1')).toEqual([one.uri, two.uri]);
  });

  test('10 response: a list, its members as they are; no match is an empty one', async () => {
    know(two);
    expect(await discover()).toEqual({
      status: 200,
      text: '[{"address":"https://b.example","score":1,"capabilities":["llm/large"]}]\n',
    });
    expect(await discover('?caps=llm/small')).toEqual({ status: 200, text: '[]\n' });
  });

  test('10 unknown: nobody is known: 503, masked', async () => {
    surface.neighbours.discovered = undefined;
    expect(await discover()).toEqual({
      status: 503,
      text: '{"error":{"message":"Service Unavailable Error","code":"unavailable"}}\n',
    });
  });

  test('10 method: only GET and HEAD', async () => {
    know(one);
    expect(await discover('', 'POST')).toEqual({ status: 405, text: 'Method Not Allowed\n' });
    expect((await discover('', 'HEAD')).status).toBe(200);
  });
});

describe('10: what is listed', () => {
  const offer = (capability: number, price?: [bigint, bigint]) => ({
    capabilities: { perCapability: new Map([[capability, new Map([['m', {}]])]]) },
    prices: price
      ? [{ capability, constraint: 'm', pricePerUnit: price[0], pixelsPerUnit: price[1] }]
      : [],
  });
  const judge = (maxPriceWei: bigint | undefined, ...made: Parameters<typeof offer>) =>
    judgeOffer(
      {
        maxPriceWei: maxPriceWei === undefined ? undefined : whole(maxPriceWei),
        capabilityPrices: new Map(),
      },
      offer(...made) as never,
    );

  test.each(PIPELINE_NAMES)('10 capability: %i is %s', (capability, pipeline) => {
    expect(judge(undefined, capability, [1n, 1n])).toEqual([`${pipeline}/m`]);
  });

  test('10 price: none, or above the maximum, is left out; at it is not', () => {
    expect(judge(2n, 33)).toEqual([]);
    expect(judge(2n, 33, [5n, 2n])).toEqual([]);
    expect(judge(2n, 33, [4n, 2n])).toEqual(['llm/m']);
    expect(judge(undefined, 33, [10n ** 18n, 1n])).toEqual(['llm/m']);
  });

  const runners = (change: object, maxPriceWei?: bigint) => {
    const list = [{ address: 'https://a.example/', runners: [{ ...RUNNER, ...change }] }];
    const most = maxPriceWei === undefined ? undefined : whole(maxPriceWei);
    return readNamed(JSON.stringify(list), most)[0]?.runners ?? [];
  };
  const priced = (price_info: object) => ({ price_info: { ...RUNNER.price_info, ...price_info } });

  test.each(['seconds', '720p-pixel-seconds', 'fixed'])('10 runner: paid by %s', (unit) => {
    expect(runners(priced({ unit }))).toHaveLength(1);
  });

  test.each<[string, object, bigint?]>([
    ['no url', { url: undefined }],
    ['no app', { app: '' }],
    ['metadata that is no object', { metadata: 'x' }],
    ['no price', { price_info: undefined }],
    ['a price of zero', priced({ price: 0 })],
    ['a price below zero', priced({ price: '-1' })],
    ['another currency', priced({ currency: 'usd' })],
    ['another unit', priced({ unit: 'pixels' })],
    ['a price above the maximum', priced({ price: 11 }), 10n],
  ])('10 runner: with %s it is left out', (_, change, most) => {
    expect(runners(change, most)).toEqual([]);
  });

  test('10 merge: one address, whatever slashes it ends in', async () => {
    const webhook = JSON.stringify([
      { address: 'https://a.example', runners: [RUNNER] },
      { address: 'https://a.example//', runners: [{ ...RUNNER, app: 'y' }] },
    ]);
    const deps = {
      fetch: (async () => new Response(webhook)) as typeof fetch,
      readPool: async () => [],
      maxPriceWei: undefined,
    };
    const named = await listNodes(deps, { kind: 'webhook', url: 'http://x' });
    expect(named.map(({ uri, runners: found }) => [uri, found.map(({ app }) => app)])).toEqual([
      ['https://a.example', ['x', 'y']],
    ]);
  });

  test('10 source: the webhook before the list, the list before the chain', () => {
    const raw = {
      DISCOVERY_WEBHOOK_URL: 'http://x',
      DISCOVERY_ORCHESTRATORS: ['https://a.example'],
      DISCOVERY_ON_CHAIN: true,
      DISCOVERY_INTERVAL_MS: 1_500_000,
      DISCOVERY_OPEN: false,
      DISCOVERY_PRIVATE_ADDRESSES: false,
    };
    const { DISCOVERY_WEBHOOK_URL: _, ...list } = raw;
    const { DISCOVERY_ORCHESTRATORS: __, ...chain } = list;
    expect(discoveryOf(raw)?.source.kind).toBe('webhook');
    expect(discoveryOf(list)?.source.kind).toBe('list');
    expect(discoveryOf(chain)?.source.kind).toBe('chain');
    expect(discoveryOf({ ...chain, DISCOVERY_ON_CHAIN: false })).toBeUndefined();
  });
});
