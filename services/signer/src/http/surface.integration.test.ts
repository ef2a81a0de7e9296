import { queueBackends } from '@clearinghouse/testing';
import { getBytes, hashMessage, keccak256, recoverAddress, toUtf8Bytes } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KEY_APP_ID } from '../testing/auth-double.ts';
import { APP_ID, USER_ID } from '../testing/issuer-double.ts';
import { makeApiKey } from '../testing/make-api-key.ts';
import { freshInfo, paymentBody, postPayment } from '../testing/payment-body.ts';
import { SIGNER_WALLET, startSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';

const [backend = 'postgres'] = queueBackends();
const BODY_BYTES_MAX = 256 * 1024;

let world: World;
let url: string;
let token: string;
beforeAll(async () => {
  world = await startWorld(backend);
  url = world.signer.url;
  token = world.issuer.mint();
});
afterAll(() => world?.stop());
afterEach(() => {
  world.billing.rules.hold = (_item, grant) => grant;
});

const bodyOf = (message: string, code: string) =>
  `{"error":{"message":"${message}","code":"${code}"}}\n`;

describe('routes as Go’s mux has them', () => {
  test.each(['/generate-live-payment', '/sign-orchestrator-info'])('GET %s', async (path) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('Method Not Allowed\n');
  });

  test.each(['/', '/generate-live-payment/', '/discover-orchestrators'])(
    'POST %s',
    async (path) => {
      const response = await fetch(`${url}${path}`, { method: 'POST' });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await response.text()).toBe('404 page not found\n');
    },
  );
});

describe('a payment is answered alike however its path is written', () => {
  test.each(['/generate-live-payment', '/generate-live-payment?'])('POST %s', async (path) => {
    const send = (authorization: string) =>
      fetch(`${url}${path}`, { method: 'POST', headers: { authorization }, body: '{}' });
    const stranger = await send('Bearer nobody');
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(stranger.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await stranger.json()).toMatchObject({ error: { code: 'invalid_token' } });
    const known = await send(`Bearer ${token}`);
    expect(known.status).toBe(400);
    expect(await known.json()).toMatchObject({ error: { code: 'missing_orchestrator' } });
  });
});

describe('what operators ask', () => {
  test('/healthz, /status', async () => {
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
    const status = await (await fetch(`${url}/status`)).json();
    expect(status).toEqual({ Address: SIGNER_WALLET.address });
  });

  test('/readyz names what is missing', async () => {
    const parts = {
      chain: true,
      journal: true,
      queue: true,
      keys: true,
      funds: true,
      signing: true,
    };
    expect(await world.signer.ready()).toEqual({ status: 'ready', ...parts });
    const { rpcUrl: _, ...places } = world.places;
    const lonely = await startSigner({ ...places, rpcUrl: undefined });
    const response = await fetch(`${lonely.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'not_ready',
      ...parts,
      chain: false,
      funds: false,
    });
    await lonely.stop();
  });
});

describe('/sign-orchestrator-info', () => {
  const ask = (at: string, credential?: string) =>
    fetch(`${at}/sign-orchestrator-info`, {
      method: 'POST',
      body: '{}',
      headers: credential ? { Authorization: `Bearer ${credential}` } : {},
    });

  test('signs the checksummed address, as an orchestrator verifies it', async () => {
    const response = await ask(url, token);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toMatch(/^\{"address":"0x[0-9a-fA-F]{40}","signature":"0x[0-9a-f]{130}"\}\n$/);
    const { address, signature } = JSON.parse(text);
    const digest = hashMessage(getBytes(keccak256(toUtf8Bytes(address))));
    expect(recoverAddress(digest, signature)).toBe(SIGNER_WALLET.address);
    expect(address).toBe(SIGNER_WALLET.address);
  });

  test('asks for the bearer of every other call', async () => {
    const response = await ask(url);
    expect(response.status).toBe(401);
    expect((await ask(url, `${token}x`)).status).toBe(401);
    expect((await ask(url, makeApiKey('live'))).status).toBe(200);
  });

  test('works without a chain, and openly where that is wanted', async () => {
    const open = await startSigner({
      ...world.places,
      rpcUrl: undefined,
      env: { DANGEROUSLY_OPEN_ORCHESTRATOR_INFO: '1' },
    });
    expect((await ask(open.url)).status).toBe(200);
    const payment = await postPayment(open.url, token, paymentBody());
    expect(payment.status).toBe(503);
    expect(payment.text).toBe(bodyOf('Service Unavailable Error', 'chain_stale'));
    await open.stop();
  });
});

describe('the order of checks: size, caller, protocol, money', () => {
  const asked = () => world.billing.asked.length;

  test('a body too large, with its length and without', async () => {
    const large = 'x'.repeat(BODY_BYTES_MAX + 1);
    const answer = await postPayment(url, undefined, large);
    expect(answer.status).toBe(413);
    expect(answer.json.error?.code).toBe('body_too_large');
    const stream = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 5; part += 1) controller.enqueue(Buffer.alloc(64 * 1024, 0x20));
        controller.close();
      },
    });
    expect((await postPayment(url, undefined, stream)).status).toBe(413);
  });

  test('as large as it may be: the next check', async () => {
    expect((await postPayment(url, undefined, ' '.repeat(BODY_BYTES_MAX))).status).toBe(401);
  });

  test.each([undefined, 'x', 'a.b.c'])('caller %s: 401, whatever the body', async (credential) => {
    const before = asked();
    const answer = await postPayment(url, credential, '{');
    expect(answer.status).toBe(401);
    expect(answer.text).toBe(bodyOf('The access token or API key is not valid.', 'invalid_token'));
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(asked()).toBe(before);
  });

  test('no JSON', async () => {
    const answer = await postPayment(url, token, '{');
    expect([answer.status, answer.json.error?.code]).toEqual([400, 'invalid_json']);
  });

  test('an empty request', async () => {
    const answer = await postPayment(url, token, 'null');
    expect(answer.status).toBe(400);
    expect(answer.text).toBe(bodyOf('missing orchestrator', 'missing_orchestrator'));
  });

  test('480 with the orchestrator’s URL', async () => {
    const tokenExpirationSec = BigInt(Math.floor(Date.now() / 1000) + 100);
    const answer = await postPayment(url, token, paymentBody({ info: { tokenExpirationSec } }));
    expect(answer.status).toBe(480);
    expect(answer.headers.get('livepeer-orchestrator-url')).toBe('https://orch.example:8935');
    expect(answer.text).toBe(bodyOf('refresh session for remote signer', 'refresh_session'));
  });

  test('481 with both prices', async () => {
    const maxPrice = { price: 0.0001, currency: 'wei', unit: '720p-pixel-seconds' };
    const answer = await postPayment(url, token, paymentBody({ fields: { maxPrice } }));
    expect(answer.status).toBe(481);
    const message = 'orchestrator price 0.001 exceeds request maxPrice ceiling 0.000';
    expect(answer.text).toBe(bodyOf(message, 'price_exceeded'));
  });

  test('482', async () => {
    const answer = await postPayment(url, token, paymentBody({ info: { winProb: 0n } }));
    expect(answer.status).toBe(482);
    expect(answer.text).toBe(bodyOf('no tickets', 'no_tickets'));
  });

  test('500 never tells why', async () => {
    const info = { pricePerUnit: 14_000n, pixelsPerUnit: 1n };
    const answer = await postPayment(url, token, paymentBody({ info }));
    expect(answer.status).toBe(500);
    expect(answer.text).toBe(bodyOf('Internal Server Error', 'ticket_validation'));
  });

  test('none of them asked for money', async () => {
    const before = asked();
    await postPayment(url, token, paymentBody({ info: { winProb: 0n } }));
    expect(asked()).toBe(before);
    await postPayment(url, token, paymentBody());
    expect(asked()).toBe(before + 1);
  });
});

describe('who asks', () => {
  const last = () => world.billing.asked.at(-1)?.principal;

  test('a token’s user', async () => {
    expect((await postPayment(url, token, paymentBody())).status).toBe(200);
    expect(last()).toMatchObject({ appId: APP_ID, subject: USER_ID, attribution: 'direct' });
  });

  test('a session is its subject’s own', async () => {
    const first = await postPayment(url, token, paymentBody());
    const claims = { usage_subject: 'usr_bbbbbbbbbbbbbbbbbbbbbbbb' };
    const body = paymentBody({ state: first.json.state });
    const answer = await postPayment(url, world.issuer.mint({ claims }), body);
    expect([answer.status, answer.json.error?.code]).toEqual([403, 'auth_id_mismatch']);
  });

  test('an API key, of which only the hash travels', async () => {
    const key = makeApiKey('live');
    expect((await postPayment(url, key, paymentBody())).status).toBe(200);
    expect(last()).toMatchObject({ appId: KEY_APP_ID, subject: 'app', attribution: 'gateway' });
    expect(JSON.stringify(world.auth.asked)).not.toContain(key.slice(11));
    expect(world.auth.asked.at(-1)).toMatchObject({ fromBrowser: false });
  });

  test('an API key in a browser', async () => {
    const { rules } = world.auth;
    const { answer } = rules;
    rules.answer = (item) =>
      item.fromBrowser ? { ok: false, code: 'browser_key_refused' } : answer(item);
    const origin = { Origin: 'https://app.example' };
    const refused = await postPayment(url, makeApiKey('live'), paymentBody(), origin);
    expect([refused.status, refused.json.error?.code]).toEqual([403, 'browser_key_refused']);
    expect((await postPayment(url, token, paymentBody(), origin)).status).toBe(200);
    rules.answer = answer;
  });

  test('a change of identities drops what is remembered', async () => {
    const key = makeApiKey('live');
    expect((await postPayment(url, key, paymentBody())).status).toBe(200);
    const { rules } = world.auth;
    const { answer } = rules;
    rules.answer = () => ({ ok: false, code: 'suspended' });
    await world.auth.tellChange(KEY_APP_ID);
    const status = async () => (await postPayment(url, key, paymentBody())).status;
    await expect.poll(status).toBe(403);
    rules.answer = answer;
  });
});

test('an unknown field, keys in another case and a text behind the value change nothing', async () => {
  const body = `{"ORCHESTRATOR":"${freshInfo()}","manifestid":"m","TYPE":"lv2v","x":1} trailing`;
  expect((await postPayment(url, token, body)).status).toBe(200);
});
