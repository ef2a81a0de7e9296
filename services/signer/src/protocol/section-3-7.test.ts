import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOW_NS, POLICY } from '../payments/fixtures/make-request.ts';
import { startWebhookDouble, type WebhookDouble } from '../testing/webhook-double.ts';
import { createWebhookAsker } from '../webhook/ask-webhook.ts';
import { type ConfirmPlan, createPlanConfirmer } from '../webhook/confirm-plan.ts';
import { type Pose, type Posed, send } from './fixtures/pose-payment.ts';
import { startSurface, type TestSurface } from './fixtures/start-surface.ts';

const NOW_MS = Number(NOW_NS / 1_000_000n);
const NOW_SEC = Math.floor(NOW_MS / 1000);

let surface: TestSurface;
let webhook: WebhookDouble;
let confirm: ConfirmPlan;
let nowMs: number;

/** A confirmer that asks this place, and remembers nothing yet. */
function confirmerOf(url: string): ConfirmPlan {
  const options = { url, headers: { 'X-Secret': 'hush' }, secret: undefined };
  return createPlanConfirmer({
    ask: createWebhookAsker({ fetch, nowMs: () => nowMs }, options),
    policy: POLICY,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
  });
}

beforeAll(async () => {
  [surface, webhook] = await Promise.all([startSurface(), startWebhookDouble()]);
});
afterAll(() => Promise.all([surface?.stop(), webhook?.stop()]));
beforeEach(() => {
  nowMs = NOW_MS;
  surface.reset();
  webhook.questions.length = 0;
  confirm = confirmerOf(webhook.url);
  say({ status: 200, auth_id: 'alice' });
});

const say = (verdict: object) => webhook.answer({ body: JSON.stringify(verdict) });
const unbound = { authId: '' };
const pay = (pose: Pose = {}) =>
  send(surface, { isFirst: true, ...pose, neighbours: { confirm, ...pose.neighbours } });
const stateOf = (answer: Posed) =>
  JSON.parse(Buffer.from(JSON.parse(answer.text).state.State, 'base64').toString());

function expectRefusal(answer: Posed, status: number, message: string, code: string): void {
  expect([answer.status, answer.text]).toEqual([
    status,
    `{"error":{"message":"${message}","code":"${code}"}}\n`,
  ]);
  expect(surface.tally).toEqual({ holds: 0, signatures: 0, released: 0 });
}

const expectFault = (answer: Posed) =>
  expectRefusal(answer, 500, 'Internal Server Error', 'webhook_failed');

describe('3.7: what the webhook is asked', () => {
  test('3.7 request: POST, its type, the configured headers', async () => {
    await pay();
    const [question] = webhook.questions;
    expect(question?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-secret': 'hush',
    });
  });

  test('3.7 body: headers in Go’s form without Host, then the state after the call, to the byte', async () => {
    const headers = { 'x-b': '1 < 2', 'X-A': 'e' };
    const answer = await pay({ isFirst: false, state: unbound, headers });
    const body = webhook.questions[0]?.body ?? '';
    const { headers: shown } = JSON.parse(body);
    expect(shown).toMatchObject({
      'X-A': ['e'],
      'X-B': ['1 < 2'],
      Authorization: ['Bearer a-token'],
    });
    expect(shown.Host).toBeUndefined();
    expect(Object.keys(shown)).toEqual(Object.keys(shown).sort());
    expect(body).toContain('"X-B":["1 \\u003c 2"]');
    const made = Buffer.from(JSON.parse(answer.text).state.State, 'base64').toString();
    expect(body.endsWith(`,"state":${made.replace('"AuthID":"alice"', '"AuthID":""')}}`)).toBe(
      true,
    );
  });
});

describe('3.7: what it may answer', () => {
  test('3.7 row 1: no connection, or one that breaks off', async () => {
    const breaker = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => breaker.listen(0, '127.0.0.1', resolve));
    const { port } = breaker.address() as { port: number };
    confirm = confirmerOf(`http://127.0.0.1:${port}/`);
    expectFault(await pay());
    await new Promise((resolve) => breaker.close(resolve));
    expectFault(await pay());
  });

  test.each([201, 204, 302, 400, 401, 500])('3.7 row 2: HTTP %i', async (status) => {
    webhook.answer({ status, body: status === 204 ? '' : '{"status":200}' });
    expectFault(await pay());
  });

  test.each([
    '',
    'OK',
    '[]',
    'null',
    '{}',
    '{"status":0}',
    '{"status":-1}',
    '{"status":"200"}',
    '{"status":200.5}',
    '{"status":200',
  ])('3.7 row 3: %j', async (body) => {
    webhook.answer({ body });
    expectFault(await pay());
  });

  test('3.7 row 4: status 200', async () => {
    expect((await pay()).status).toBe(200);
    expect(surface.tally).toMatchObject({ holds: 1, signatures: 1 });
  });

  test.each([
    [{ status: 403, reason: 'banned' }, 403, 'banned'],
    [{ status: 429 }, 429, 'signer auth rejected request with status 429'],
    [{ status: 480, reason: 'again' }, 480, 'again'],
    [{ status: 201 }, 201, 'signer auth rejected request with status 201'],
    [{ status: 500, reason: 'secret' }, 500, 'Internal Server Error'],
    [{ status: 503, reason: 'secret' }, 503, 'Service Unavailable Error'],
  ])('3.7 row 5: %j', async (verdict, status, message) => {
    say(verdict);
    expectRefusal(await pay(), status, message, 'webhook_refused');
  });

  test.each([100, 199, 600, 1000])(
    '3.7 row 5: %i, which no HTTP answer can have, is a fault',
    async (status) => {
      say({ status });
      expectFault(await pay());
    },
  );
});

describe('3.7: its other fields', () => {
  test('3.7 expiry: asked once until then, for the same caller and session', async () => {
    say({ status: 200, auth_id: 'alice', expiry: NOW_SEC + 60 });
    const session: Pose = { isFirst: false, state: unbound };
    await pay(session);
    await pay(session);
    expect(webhook.questions).toHaveLength(1);
    await pay({ ...session, state: { ...unbound, stateId: 'another1' } });
    expect(webhook.questions).toHaveLength(2);
    nowMs += 60_000;
    await pay(session);
    expect(webhook.questions).toHaveLength(3);
  });

  test.each(['X-Api-Key', 'Cookie', 'Signer-Auth-Id', 'X-Forwarded-For', 'X-Tenant'])(
    '3.7 expiry: another %s is another caller, whatever the webhook goes by',
    async (name) => {
      say({ status: 200, auth_id: 'alice', expiry: NOW_SEC + 60 });
      const session: Pose = { isFirst: false, state: unbound };
      expect((await pay({ ...session, headers: { [name]: 'a' } })).status).toBe(200);
      say({ status: 403, reason: 'no' });
      expect((await pay({ ...session, headers: { [name]: 'b' } })).status).toBe(403);
      expect((await pay(session)).status).toBe(403);
      expect((await pay({ ...session, headers: { [name]: 'a' } })).status).toBe(200);
      expect(webhook.questions).toHaveLength(3);
    },
  );

  test.each(['User-Agent', 'Traceparent', 'X-Request-Id', 'Accept'])(
    '3.7 expiry: another %s is the same caller',
    async (name) => {
      say({ status: 200, auth_id: 'alice', expiry: NOW_SEC + 60 });
      const session: Pose = { isFirst: false, state: unbound };
      await pay({ ...session, headers: { [name]: 'a' } });
      await pay({ ...session, headers: { [name]: 'b' } });
      expect(webhook.questions).toHaveLength(1);
    },
  );

  test('3.7 expiry: absent, asked every time', async () => {
    await pay({ isFirst: false, state: unbound });
    await pay({ isFirst: false, state: unbound });
    expect(webhook.questions).toHaveLength(2);
  });

  test('3.7 expiry: the state’s own AuthExpiry is never believed', async () => {
    const authExpirySec = BigInt(NOW_SEC + 3_600);
    const answer = await pay({ isFirst: false, state: { ...unbound, authExpirySec } });
    expect(webhook.questions).toHaveLength(1);
    expect(JSON.parse(webhook.questions[0]?.body ?? '').state.AuthExpiry).toBe(NOW_SEC + 3_600);
    expect(stateOf(answer).AuthExpiry).toBe(0);
  });

  test('3.7 auth_id: an unbound session becomes its own', async () => {
    const answer = await pay({ isFirst: false, state: unbound });
    expect(stateOf(answer).AuthID).toBe('alice');
  });

  test('3.7 auth_id: a header of the caller names nobody', async () => {
    say({ status: 200 });
    const answer = await pay({ headers: { 'Signer-Auth-Id': 'mallory' } });
    expect(stateOf(answer).AuthID).toBe('');
  });

  test('3.3 row 27: a session of another auth id, and one of whom none is named', async () => {
    for (const verdict of [{ status: 200, auth_id: 'bob' }, { status: 200 }]) {
      say(verdict);
      expectRefusal(
        await pay({ isFirst: false, state: { authId: 'alice' } }),
        403,
        'The session belongs to another subject.',
        'auth_id_mismatch',
      );
    }
  });

  test.each([
    [{ price: '0' }, 'maxPrice.price must be a positive decimal'],
    [{ price: '1', currency: 'usd' }, 'maxPrice.currency must be wei'],
    [
      { price: '1', currency: 'wei', unit: 'x' },
      'maxPrice.unit must be 720p-pixel-seconds for payment type lv2v',
    ],
  ])('3.3 row 26: maxPrice %j', async (maxPrice, message) => {
    say({ status: 200, maxPrice });
    const text = `signer auth invalid maxPrice: ${message}`;
    expectRefusal(await pay(), 502, text, 'invalid_webhook_max_price');
  });

  test('3.3 row 26: above its ceiling; at it is fine', async () => {
    const maxPrice = { price: '0.0009', currency: 'wei', unit: '720p-pixel-seconds' };
    say({ status: 200, maxPrice });
    const text = 'orchestrator price 0.001 exceeds auth webhook maxPrice ceiling 0.001';
    expectRefusal(await pay(), 481, text, 'price_exceeded');
    say({ status: 200, maxPrice: { ...maxPrice, price: '0.001' } });
    expect((await pay()).status).toBe(200);
  });

  test('3.3 row 25, 3.3 row 26, 3.3 row 27: in this order', async () => {
    const maxPrice = { price: '0' };
    const bound: Pose = { isFirst: false, state: { authId: 'alice' } };
    say({ status: 403, reason: 'no', auth_id: 'bob', maxPrice });
    expect((await pay(bound)).text).toContain('webhook_refused');
    say({ status: 200, auth_id: 'bob', maxPrice });
    expect((await pay(bound)).text).toContain('invalid_webhook_max_price');
    say({ status: 200, auth_id: 'bob' });
    expect((await pay(bound)).text).toContain('auth_id_mismatch');
  });
});
