import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PaymentAnswer, paymentBody, postPayment } from '../testing/payment-body.ts';
import { startWorld, type World } from '../testing/start-world.ts';
import { startWebhookDouble, type WebhookDouble } from '../testing/webhook-double.ts';

const APP = `app_${'ab'.repeat(12)}`;
const SECRET = 'webhook-secret-webhook-secret-32';
const FAR_SEC = Math.floor(Date.now() / 1000) + 3_600;

type State = Readonly<Record<string, unknown>>;

describe('webhook mode: the operator’s own webhook says who may pay', () => {
  let webhook: WebhookDouble;
  let world: World;

  beforeAll(async () => {
    webhook = await startWebhookDouble();
    world = await startWorld('postgres', {
      REMOTE_SIGNER_WEBHOOK_URL: webhook.url,
      REMOTE_SIGNER_WEBHOOK_HEADERS: 'X-Webhook-Secret:hush,X-Other: a b',
      REMOTE_SIGNER_WEBHOOK_SECRET: SECRET,
      REMOTE_SIGNER_WEBHOOK_APP_ID: APP,
    });
  });
  afterAll(async () => {
    await world?.stop();
    await webhook?.stop();
  });
  beforeEach(() => {
    say({ status: 200, auth_id: 'operator:alice' });
    webhook.questions.length = 0;
    world.billing.asked.length = 0;
  });

  const say = (verdict: object) => webhook.answer({ body: JSON.stringify(verdict) });
  const pay = (body = paymentBody(), credential: string | undefined = 'anything') =>
    postPayment(world.signer.url, credential, body);
  const next = (answer: PaymentAnswer, credential?: string) =>
    pay(paymentBody({ state: answer.json.state }), credential);
  const stateOf = (answer: PaymentAnswer): State =>
    JSON.parse(Buffer.from(answer.json.state?.State ?? '', 'base64').toString('utf8'));
  const asked = () => JSON.parse(webhook.questions.at(-1)?.body ?? '{}');

  it('asks with the caller’s headers in Go’s form and the state after the call', async () => {
    const answer = await postPayment(world.signer.url, 'abc', paymentBody(), { 'x-more': 'yes' });
    expect(answer.status).toBe(200);
    const { headers, state } = asked();
    expect(headers).toMatchObject({ Authorization: ['Bearer abc'], 'X-More': ['yes'] });
    expect(headers.Host).toBeUndefined();
    const made = stateOf(answer);
    expect(state).toEqual({ ...made, AuthID: '' });
    expect(Object.keys(state)).toEqual(Object.keys(made));
  });

  it('sends the configured headers, and a signature that the operator can check', async () => {
    await pay();
    const { headers, body } = webhook.questions.at(-1) as (typeof webhook.questions)[0];
    expect(headers).toMatchObject({ 'x-webhook-secret': 'hush', 'x-other': 'a b' });
    expect(headers['content-type']).toBe('application/json');
    const [, sec, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
      String(headers['clearinghouse-signature']),
    ) ?? ['', '', ''];
    expect(mac).toBe(createHmac('sha256', SECRET).update(`${sec}.${body}`).digest('hex'));
  });

  it('binds the session to auth_id, and bills the operator’s app', async () => {
    const answer = await pay();
    expect(stateOf(answer).AuthID).toBe('operator:alice');
    expect(world.billing.asked[0]?.principal).toMatchObject({ appId: APP, attribution: 'gateway' });
  });

  it('comes before the hold: a refusal holds no money and signs nothing', async () => {
    say({ status: 402, reason: 'no credit' });
    const answer = await pay();
    expect(answer.json).toEqual({ error: { message: 'no credit', code: 'webhook_refused' } });
    expect(world.billing.asked).toEqual([]);
  });

  describe('what it answers', () => {
    it.each([
      ['another status, with its reason', { status: 403, reason: 'banned' }, 403, 'banned'],
      [
        'another status, without one',
        { status: 429 },
        429,
        'signer auth rejected request with status 429',
      ],
      ['483, as other implementations use', { status: 483, reason: 'low' }, 483, 'low'],
      ['500 is masked', { status: 500, reason: 'secret' }, 500, 'Internal Server Error'],
      ['503 is masked', { status: 503, reason: 'secret' }, 503, 'Service Unavailable Error'],
      ['a status that no HTTP has', { status: 1000 }, 500, 'Internal Server Error'],
      ['a status below 200', { status: 100 }, 500, 'Internal Server Error'],
      ['no status', { auth_id: 'a' }, 500, 'Internal Server Error'],
    ])('%s', async (_what, verdict, status, message) => {
      say(verdict);
      const answer = await pay();
      expect([answer.status, answer.json.error?.message]).toEqual([status, message]);
      expect(world.billing.asked).toEqual([]);
    });

    it.each([
      ['HTTP 401', { status: 401, body: '{"status":200}' }],
      ['HTTP 204', { status: 204, body: '' }],
      ['no JSON', { body: 'OK' }],
      ['too much', { body: `{"status":200,"x":"${'y'.repeat(70_000)}"}` }],
    ])('%s is a fault, never a permission: 500', async (_what, reply) => {
      webhook.answer(reply);
      const answer = await pay();
      expect(answer.status).toBe(500);
      expect(answer.json.error).toEqual({
        message: 'Internal Server Error',
        code: 'webhook_failed',
      });
      expect(world.billing.asked).toEqual([]);
    });

    it('nothing at all, for five seconds: 500', async () => {
      webhook.answer(undefined);
      expect((await pay()).json.error?.code).toBe('webhook_failed');
      expect(world.billing.asked).toEqual([]);
    });
  });

  describe('maxPrice', () => {
    const ceiling = (maxPrice: object) => say({ status: 200, auth_id: 'operator:alice', maxPrice });
    const priced = { price: '1000000000000000', currency: 'wei', unit: '720p-pixel-seconds' };

    it('at or above the price lets the payment go on', async () => {
      ceiling(priced);
      expect((await pay()).status).toBe(200);
    });

    it('below the price: 481, naming itself', async () => {
      ceiling({ ...priced, price: '0.0000001' });
      const answer = await pay();
      expect(answer.status).toBe(481);
      expect(answer.json.error?.message).toMatch(
        /^orchestrator price [\d.]+ exceeds auth webhook maxPrice ceiling 0\.000$/,
      );
    });

    it.each([
      ['price', { ...priced, price: '0' }, 'maxPrice.price must be a positive decimal'],
      ['currency', { ...priced, currency: 'eth' }, 'maxPrice.currency must be wei'],
      [
        'unit',
        { ...priced, unit: 'seconds' },
        'maxPrice.unit must be 720p-pixel-seconds for payment type lv2v',
      ],
    ])('with a bad %s: 502', async (_what, maxPrice, text) => {
      ceiling(maxPrice);
      const answer = await pay();
      expect(answer.status).toBe(502);
      expect(answer.json.error?.message).toBe(`signer auth invalid maxPrice: ${text}`);
    });
  });

  describe('expiry', () => {
    it('in the future: the same credential is not asked about again in this session', async () => {
      say({ status: 200, auth_id: 'operator:alice', expiry: FAR_SEC });
      const first = await pay();
      say({ status: 403, reason: 'no more' });
      expect([200, 482]).toContain((await next(first)).status);
      expect(webhook.questions).toHaveLength(1);
    });

    it('says nothing about another credential, another session, or later', async () => {
      say({ status: 200, auth_id: 'operator:alice', expiry: FAR_SEC });
      const first = await pay();
      say({ status: 403, reason: 'no more' });
      expect((await next(first, 'another')).status).not.toBe(200);
      expect((await pay()).status).toBe(403);
      say({ status: 200, auth_id: 'operator:alice', expiry: FAR_SEC - 7_200 });
      await pay();
      const before = webhook.questions.length;
      await pay();
      expect(webhook.questions.length).toBe(before + 1);
    });

    it('is not taken from the state: the client cannot hand it on', async () => {
      say({ status: 200, auth_id: 'operator:alice', expiry: FAR_SEC });
      expect(stateOf(await pay()).AuthExpiry).toBe(0);
    });
  });

  describe('auth_id', () => {
    it('another one within a session is refused', async () => {
      const first = await pay();
      say({ status: 200, auth_id: 'operator:mallory' });
      expect((await next(first)).json.error?.code).toBe('auth_id_mismatch');
    });

    it('none, for a session that belongs to somebody, is refused', async () => {
      const first = await pay();
      say({ status: 200 });
      expect((await next(first)).json.error?.code).toBe('auth_id_mismatch');
    });

    it('none at all leaves the session unbound, and a later one binds it', async () => {
      say({ status: 200 });
      const first = await pay();
      expect(stateOf(first).AuthID).toBe('');
      say({ status: 200, auth_id: 'operator:bob' });
      const second = await pay(paymentBody({ state: first.json.state, info: {} }));
      if (second.status === 200) expect(stateOf(second).AuthID).toBe('operator:bob');
      else expect(second.status).toBe(482);
    });

    it('a Signer-Auth-Id header of the caller counts for nothing', async () => {
      say({ status: 200 });
      const headers = { 'signer-auth-id': 'operator:alice' };
      const answer = await postPayment(world.signer.url, 'x', paymentBody(), headers);
      expect(stateOf(answer).AuthID).toBe('');
    });
  });

  it('the same first request again is the same payment', async () => {
    const body = paymentBody();
    const [one, two] = [await pay(body), await pay(body)];
    expect(two.text).toBe(one.text);
  });

  it('without a credential the webhook decides too', async () => {
    const answer = await postPayment(world.signer.url, undefined, paymentBody());
    expect(answer.status).toBe(200);
    expect(asked().headers.Authorization).toBeUndefined();
  });
});
