import { randomUUID } from 'node:crypto';
import { FORWARDED_ROUTES } from '@clearinghouse/shared';
import { adminToken } from '@clearinghouse/stack';
import { type ApiDocument, readApiDocument } from '@clearinghouse/testing';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type TestApp } from './fixture/open-app.ts';
import { newPaymentSession, pay } from './fixture/pay.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

const CREDIT_MICROS = 1_000_000n;

type Options = { method?: string; token?: string; json?: unknown };

// What auth answers by itself, services/auth/src/http/api/real-answers.integration.test.ts holds.
describe('what billing answers through auth is what the API’s document says', () => {
  let stack: TestStack;
  let document: ApiDocument;
  let app: TestApp;
  let admin: string;
  let user: string;

  beforeAll(async () => {
    stack = await startTestStack();
    document = await readApiDocument(stack.authOrigin);
    admin = await adminToken(stack.authOrigin, stack.seeded);
    app = await openApp(stack, CREDIT_MICROS);
    await app.createUser('alice');
    user = (await app.userToken('alice')).access;
    const paid = await pay(stack.signerUrl, user, newPaymentSession()());
    expect(paid.status, paid.text).toBe(200);
  });
  afterAll(() => stack?.stop());

  const ask = async (name: string, path: string, options: Options = {}) => {
    const { method = 'GET', token = admin, json } = options;
    const response = await fetch(`${stack.authOrigin}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const { status, headers } = response;
    const body: unknown = await response.json();
    expect(document.faultsOf(name, { status, body, headers })).toEqual([]);
  };

  it('of usage and balances', async () => {
    const usage = `/apps/${app.appId}/usage`;
    for (const groupBy of ['user', 'pipeline_model', 'daily_pipeline']) {
      await ask('usage show', `${usage}?groupBy=${groupBy}`);
    }
    await ask('usage show', `${usage}?groupBy=nothing`);
    await ask('usage balance', `${usage}/balance?externalUserId=alice`);
    await ask('own usage', '/user/usage', { token: user });
    await ask('own balance', '/user/usage/balance', { token: user });
  });

  it('of credit, caps and the ledger', async () => {
    const base = `/admin/apps/${app.appId}`;
    const credit = { amountMicros: '5', reason: 'a test' };
    await ask('credit add', `${base}/credits`, { method: 'POST', json: credit });
    await ask('credit add', `${base}/credits`, { method: 'POST', json: { amountMicros: 5 } });
    await ask('balance show', `${base}/balance`);
    const cap = { scope: 'app', metric: 'charge_micros', period: 'day', limit: '1000000' };
    await ask('cap set', `${base}/caps`, { method: 'PUT', json: { caps: [cap] } });
    await ask('cap list', `${base}/caps`);
    await ask('ledger list', `${base}/ledger?limit=1`);
  });

  it('of the chain in the books', async () => {
    const alarm = { kind: 'redemption_unknown', subject: 'a test' };
    const sql = postgres(stack.database.url('billing_app'), { max: 1 });
    try {
      await sql`
        insert into billing.alarms (kind, subject, detail)
        values (${alarm.kind}, ${alarm.subject}, '{}')`;
    } finally {
      await sql.end();
    }
    await ask('chain show', '/admin/chain');
    const clear = '/admin/chain/alarms/clear';
    await ask('chain clear-alarm', clear, { method: 'POST', json: alarm });
    await ask('chain clear-alarm', clear, { method: 'POST', json: alarm });
  });

  it('every forwarded route has answered with success', () => {
    const forwarded = FORWARDED_ROUTES.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:([A-Za-z]+)/g, '{$1}')}`,
    );
    const answered = document.operations
      .filter(({ name }) => document.answered.has(name))
      .map(({ route }) => route);
    expect(answered.sort()).toEqual(forwarded.sort());
  });
});
