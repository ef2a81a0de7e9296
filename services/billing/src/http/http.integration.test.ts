import { createLog } from '@clearinghouse/shared';
import { createLocalJWKSet, createRemoteJWKSet, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { putCaps } from '../caps/put-caps.ts';
import { readCaps } from '../caps/read-caps.ts';
import { clearChainAlarm } from '../chain/clear-alarm.ts';
import { readChains } from '../chain/read-chains.ts';
import { postCredit } from '../credits/post-credit.ts';
import { settleHolds } from '../holds/settle-holds.ts';
import { readBalance } from '../ledger/read-balance.ts';
import { readLedger, sumLedger } from '../ledger/read-ledger.ts';
import { makeHoldItem, randomHex } from '../testing/make-hold-item.ts';
import {
  type Books,
  granted,
  openBooks,
  settlementOf,
  WEI_PER_MICRO,
} from '../testing/open-books.ts';
import { type RunningApp, serveApp } from '../testing/serve-app.ts';
import { type ForwardShape, startForwarder, type TestForwarder } from '../testing/sign-forward.ts';
import { readUserBalance } from '../usage/read-user-balance.ts';
import { summariseUsage } from '../usage/summarise-usage.ts';
import type { AppDeps } from './app-deps.ts';

const appId = `app_${randomHex(12)}`;
const otherApp = `app_${randomHex(12)}`;
const alice = `usr_${randomHex(12)}`;
const bob = `usr_${randomHex(12)}`;

type Row = Readonly<Record<string, unknown>>;
/** What the tests look at in an answer. */
type Body = Row & {
  readonly totals: Row;
  readonly byUser: readonly Row[];
  readonly byPipelineModel: readonly Row[];
  readonly byDailyPipeline: readonly Row[];
  readonly transactions: readonly Row[];
  readonly accounts: readonly Row[];
  readonly caps: readonly Row[];
};

describe("billing's HTTP, behind auth's forward", () => {
  let books: Books;
  let forwarder: TestForwarder;
  let app: RunningApp;

  beforeAll(async () => {
    [books, forwarder] = await Promise.all([openBooks(), startForwarder()]);
    app = await serveApp(createApp(appDeps()).callback());
    for (const id of [appId, otherApp]) await books.openApp(id, 1_000n);
    for (const user of [alice, bob]) await books.setPrincipal('user', user, appId);
    await pay({ appId, subject: alice, externalUserId: 'alice', feeWei: 30n * WEI_PER_MICRO });
    await pay({ appId, subject: bob, externalUserId: 'bob', feeWei: 12n * WEI_PER_MICRO });
    await pay({ appId, feeWei: 5n * WEI_PER_MICRO, pipeline: 'text-to-image' });
    await pay({ appId: otherApp, feeWei: 7n * WEI_PER_MICRO });
  });
  afterAll(async () => {
    await Promise.all([app.stop(), forwarder.stop()]);
    await books.close();
  });

  const appDeps = (): AppDeps => {
    const { sql, accountIds } = books;
    return {
      log: createLog({ service: 'test', level: 'silent' }),
      issuer: forwarder.issuer,
      jwks: createRemoteJWKSet(new URL(forwarder.jwksUrl)),
      checkReadiness: async () => ({
        database: true,
        migrations: true,
        queue: false,
        price: true,
      }),
      operations: {
        summariseUsage: (input) => summariseUsage({ sql }, input),
        readUserBalance: (input) => readUserBalance({ sql }, input),
        postCredit: (input) => postCredit({ sql, accountIds }, input),
        readBalance: (id) => readBalance({ sql }, id),
        putCaps: (input) => putCaps({ sql, accountIds }, input),
        readCaps: (input) => readCaps({ sql }, input),
        readLedger: (input) => readLedger({ sql }, input),
        sumLedger: (id) => sumLedger({ sql }, id),
        readChains: () => readChains({ sql }),
        clearChainAlarm: (input) => clearChainAlarm({ sql }, input),
      },
    };
  };
  const pay = async (shape: Parameters<typeof makeHoldItem>[0]) => {
    const [answer] = await books.hold([makeHoldItem(shape)]);
    await settleHolds(books, [settlementOf(granted(answer))]);
  };
  type Sent = Partial<ForwardShape> & { path: string; headers?: Record<string, string> };
  const send = async (sent: Sent) => {
    const { headers, ...partial } = sent;
    const shape = { method: 'GET', scopes: ['usage:read'], app: appId, ...partial };
    const response = await fetch(`${app.origin}${shape.path}`, {
      method: shape.method,
      headers: { authorization: `Bearer ${await forwarder.sign(shape)}`, ...headers },
      ...(shape.body === undefined ? {} : { body: shape.body }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Body,
    };
  };
  const admin = (sent: Sent) => send({ scopes: ['admin'], ...sent });
  const usagePath = `/api/v1/apps/${appId}/usage`;
  const adminPath = `/api/v1/admin/apps/${appId}`;

  describe('admits only what auth forwarded', () => {
    const nowSec = Math.floor(Date.now() / 1000);
    it.each<[string, Record<string, unknown>]>([
      ['another audience', { aud: 'http://127.0.0.1:4000/api/v1/oidc' }],
      ['another issuer', { iss: 'https://elsewhere' }],
      ['an expired token', { iat: nowSec - 90, exp: nowSec - 60 }],
      ['a token that lives long', { iat: nowSec - 3_600, exp: nowSec + 3_600 }],
      ['another method', { method: 'POST' }],
      ['another path', { path: '/api/v1/user/usage' }],
      ['another query', { path: `${usagePath}?userId=bob` }],
      ['another body', { body_sha256: '0'.repeat(64) }],
      ['no scopes', { scopes: undefined }],
    ])('refuses %s', async (_name, overrides) => {
      const { status, body } = await send({ path: usagePath, overrides });
      expect([status, body.error]).toEqual([401, 'invalid_token']);
    });

    it('refuses a token of another key, of another algorithm, and none', async () => {
      const other = await startForwarder();
      const stolen = await other.sign({ method: 'GET', path: usagePath, scopes: ['usage:read'] });
      await other.stop();
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
      for (const authorization of [`Bearer ${stolen}`, `Bearer ${none}`, 'Basic eDp5', '']) {
        const response = await fetch(`${app.origin}${usagePath}`, { headers: { authorization } });
        expect(response.status).toBe(401);
      }
    });

    it('is unavailable, not open, when the keys of auth cannot be had', async () => {
      const { publicKey } = await generateKeyPair('ES256');
      const local = createLocalJWKSet({ keys: [await exportJWK(publicKey)] });
      const down = async () => Promise.reject(new TypeError('fetch failed'));
      const closed = await serveApp(
        createApp({ ...appDeps(), jwks: Object.assign(down, local) as never }).callback(),
      );
      const token = await forwarder.sign({ method: 'GET', path: usagePath, scopes: [] });
      const headers = { authorization: `Bearer ${token}` };
      expect((await fetch(`${closed.origin}${usagePath}`, { headers })).status).toBe(503);
      await closed.stop();
    });

    it('needs the scope of the route', async () => {
      const { status, body } = await send({ path: `${adminPath}/balance` });
      expect([status, body.error]).toEqual([403, 'insufficient_scope']);
      expect((await admin({ path: '/api/v1/user/usage', subject: alice })).status).toBe(403);
    });

    it("hides another app's path, except from the operator", async () => {
      const path = `/api/v1/apps/${otherApp}/usage`;
      expect((await send({ path })).status).toBe(404);
      expect((await admin({ path })).status).toBe(200);
    });

    it('knows no other route', async () => {
      expect((await send({ path: '/api/v1/apps' })).status).toBe(404);
      expect((await fetch(`${app.origin}/readyz`)).status).toBe(503);
      expect((await fetch(`${app.origin}/healthz`)).status).toBe(200);
    });
  });

  describe('usage', () => {
    it('sums an app, with money as integers in text', async () => {
      const { body } = await send({ path: usagePath });
      expect(body).toMatchObject({
        clientId: appId,
        source: 'postgres',
        period: { start: null, end: null },
        totals: {
          requestCount: 3,
          totalFeeWei: '47000000',
          currency: 'USD',
          networkFeeUsdMicros: '47',
          ownerChargeUsdMicros: '47',
          platformFeeUsdMicros: '0',
          endUserBillableUsdMicros: '47',
        },
      });
      expect(body.byUser).toBeUndefined();
    });

    it('groups by user, by pipeline and model, and by day', async () => {
      const byUser = (await send({ path: `${usagePath}?groupBy=user` })).body.byUser;
      expect(byUser).toHaveLength(3);
      expect(byUser).toContainEqual(
        expect.objectContaining({ endUserId: alice, externalUserId: 'alice', feeWei: '30000000' }),
      );
      expect(byUser).toContainEqual(
        expect.objectContaining({ endUserId: 'app', externalUserId: null, userType: 'app' }),
      );
      const { byPipelineModel } = (await send({ path: `${usagePath}?groupBy=pipeline_model` }))
        .body;
      expect(byPipelineModel).toMatchObject([
        { pipeline: 'live-video-to-video', modelId: 'noop', requestCount: 2 },
        { pipeline: 'text-to-image', requestCount: 1, networkFeeUsdMicros: '5' },
      ]);
      const { byDailyPipeline } = (await send({ path: `${usagePath}?groupBy=daily_pipeline` }))
        .body;
      expect(byDailyPipeline[0]?.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    });

    it.each([
      ['our id', `userId=${alice}`],
      ["the app's own id", 'userId=alice'],
      ['the alias of the tutorial', 'external_id=alice'],
    ])('is filtered by a user: %s', async (_name, query) => {
      const { body } = await send({ path: `${usagePath}?groupBy=user&${query}` });
      expect(body.totals).toMatchObject({ requestCount: 1, totalFeeWei: '30000000' });
      expect(body.byUser).toHaveLength(1);
    });

    it('is bounded by days, both included', async () => {
      const day = new Date().toISOString().slice(0, 10);
      const today = await send({ path: `${usagePath}?startDate=${day}&endDate=${day}` });
      expect(today.body).toMatchObject({ period: { start: day, end: day } });
      expect(today.body.totals.requestCount).toBe(3);
      const past = await send({ path: `${usagePath}?startDate=2025-01-01&endDate=2025-01-31` });
      expect(past.body.totals).toMatchObject({ requestCount: 0, totalFeeWei: '0' });
    });

    it.each([
      'groupBy=month',
      'startDate=yesterday',
      'startDate=2026-02-30',
      'startDate=9999-01-01',
      'startDate=2024-01-01&endDate=2025-06-01',
      'startDate=2025-02-01&endDate=2025-01-01',
      `userId=${'x'.repeat(300)}`,
      'userId=a%00b',
    ])('refuses %s', async (query) => {
      expect((await send({ path: `${usagePath}?${query}` })).status).toBe(400);
    });

    it('shows users their own and nothing else', async () => {
      const own = { scopes: ['user'], subject: alice };
      const { body } = await send({ ...own, path: '/api/v1/user/usage?groupBy=user&userId=bob' });
      expect(body.byUser).toMatchObject([{ endUserId: alice }]);
      const machine = await send({ scopes: ['user'], path: '/api/v1/user/usage' });
      expect(machine.status).toBe(403);
    });

    it('says what a user may still spend: the least of balance and caps', async () => {
      const path = `/api/v1/apps/${appId}/usage/balance?externalUserId=alice`;
      const before = await send({ path });
      expect(before.body).toMatchObject({
        externalUserId: 'alice',
        balanceUsdMicros: '953',
        consumedUsdMicros: '30',
        lifetimeGrantedUsdMicros: '983',
        hasAccess: true,
        app: { balanceUsdMicros: '953', heldUsdMicros: '0' },
      });
      const cap = { scope: 'user', scopeId: alice, metric: 'charge_micros', period: 'month' };
      await admin({
        method: 'PUT',
        path: `${adminPath}/caps`,
        body: JSON.stringify({ caps: [{ ...cap, limit: '40' }] }),
      });
      const own = { scopes: ['user'], subject: alice, path: '/api/v1/user/usage/balance' };
      expect((await send(own)).body).toMatchObject({ balanceUsdMicros: '10', hasAccess: true });
      await books.setPrincipal('user', alice, appId, 'suspended');
      expect((await send(own)).body).toMatchObject({ hasAccess: false });
      await books.setPrincipal('user', alice, appId);
    });
  });

  describe('credits', () => {
    const post = (body: unknown, key: string | undefined = randomHex(8)) =>
      admin({
        method: 'POST',
        path: `/api/v1/admin/apps/${otherApp}/credits`,
        body: JSON.stringify(body),
        headers: key === '' ? {} : { 'idempotency-key': key },
      });

    it('are posted once for a key, 8 at the same time', async () => {
      const before = await books.balance(otherApp);
      const key = randomHex(8);
      const body = { amountMicros: '100', reason: 'top-up' };
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body, key)));
      expect(new Set(answers.map(({ body: one }) => one.transactionId)).size).toBe(1);
      const replayed = answers.filter(({ headers }) => headers.has('idempotency-replayed'));
      expect(replayed).toHaveLength(7);
      expect((await books.balance(otherApp)).posted).toBe(before.posted + 100n);
      const other = await post({ ...body, amountMicros: '101' }, key);
      expect([other.status, other.body.error]).toEqual([409, 'idempotency_mismatch']);
    });

    it('need a key', async () => {
      const answer = await post({ amountMicros: '1', reason: 'x' }, '');
      expect([answer.status, answer.body.error]).toEqual([400, 'idempotency_key_required']);
    });

    it.each(['-1', '1.5', '1e18', ' 1', '0x10', 'NaN', '٣', '', null, 5, '0', '1000000000001'])(
      'refuse an amount of %j, and write nothing',
      async (amountMicros) => {
        const before = await books.balance(otherApp);
        const answer = await post({ amountMicros, reason: 'x' });
        expect([answer.status, answer.body.error]).toEqual([422, 'invalid_amount']);
        expect(await books.balance(otherApp)).toEqual(before);
      },
    );

    it('refuse a body that is no JSON, too large, or has no reason', async () => {
      expect((await post('x')).status).toBe(400);
      expect((await post({ amountMicros: '1' })).status).toBe(400);
      expect((await post({ amountMicros: '1', reason: 'x'.repeat(70_000) })).status).toBe(413);
    });
  });

  it('pages through the ledger, and refuses a cursor that was tampered with', async () => {
    const path = `${adminPath}/ledger`;
    const first = await admin({ path: `${path}?limit=3` });
    expect(first.body.transactions).toHaveLength(3);
    expect(first.body.accounts).toContainEqual({
      name: `customer:${appId}:prepaid`,
      currency: 'USD',
      amount: '953',
    });
    const second = await admin({ path: `${path}?limit=3&cursor=${first.body.nextCursor}` });
    expect(second.body.transactions).toMatchObject([{ kind: 'credit', reason: 'test' }]);
    expect(second.body.nextCursor).toBeNull();
    expect((await admin({ path: `${path}?cursor=AAAA` })).status).toBe(400);
  });

  describe('caps', () => {
    const put = (cap: object) =>
      admin({ method: 'PUT', path: `${adminPath}/caps`, body: JSON.stringify({ caps: [cap] }) });
    const good = { scope: 'app', metric: 'charge_micros', period: 'day', limit: '500' };

    it('are set, shown and removed', async () => {
      const set = await put(good);
      const line = { scope: 'app', scopeId: appId, period: 'day', limit: '500', used: '47' };
      expect(set.body.caps).toContainEqual(expect.objectContaining(line));
      const removed = await put({ ...good, limit: null });
      expect(removed.body.caps).not.toContainEqual(expect.objectContaining({ limit: '500' }));
    });

    it.each([
      ['a negative limit', { ...good, limit: '-1' }],
      ['a limit that is a number', { ...good, limit: 5 }],
      ['a scope without its id', { ...good, scope: 'user' }],
      ['an app with an id', { ...good, scopeId: otherApp }],
      ['session credit by month', { ...good, metric: 'session_credit_wei', period: 'month' }],
      ['an unknown period', { ...good, period: 'hour' }],
    ])('refuse %s', async (_name, cap) => {
      expect([400, 422]).toContain((await put(cap)).status);
    });
  });
});
