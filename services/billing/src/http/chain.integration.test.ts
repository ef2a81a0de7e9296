import { createLog } from '@clearinghouse/shared';
import { createRemoteJWKSet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { clearChainAlarm } from '../chain/clear-alarm.ts';
import { readChains } from '../chain/read-chains.ts';
import { type Books, openBooks } from '../testing/open-books.ts';
import { type RunningApp, serveApp } from '../testing/serve-app.ts';
import { startForwarder, type TestForwarder } from '../testing/sign-forward.ts';
import type { AppDeps } from './app-deps.ts';

const PATH = '/api/v1/admin/chain';

describe('the chain, behind auth’s forward', () => {
  let books: Books;
  let forwarder: TestForwarder;
  let app: RunningApp;
  beforeAll(async () => {
    [books, forwarder] = await Promise.all([openBooks(), startForwarder()]);
    const { sql } = books;
    const operations: Partial<AppDeps['operations']> = {
      readChains: () => readChains({ sql }),
      clearChainAlarm: (input) => clearChainAlarm({ sql }, input),
    };
    const deps = {
      log: createLog({ service: 'test', level: 'silent' }),
      issuer: forwarder.issuer,
      jwks: createRemoteJWKSet(new URL(forwarder.jwksUrl)),
      checkReadiness: async () => ({ database: true, migrations: true, queue: true, price: true }),
      operations: operations as AppDeps['operations'],
    };
    app = await serveApp(createApp(deps).callback());
  });
  afterAll(async () => {
    await app?.stop();
    await forwarder?.stop();
    await books?.close();
  });

  const send = async (scopes: string[], path: string, body?: object) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const method = text === undefined ? 'GET' : 'POST';
    const shape = { method, path, scopes, ...(text === undefined ? {} : { body: text }) };
    const response = await fetch(`${app.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${await forwarder.sign(shape)}` },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('is for the operator', async () => {
    for (const scope of ['usage:read', 'user', 'sign:job']) {
      expect((await send([scope], PATH)).status).toBe(403);
    }
    const { status, body } = await send(['admin'], PATH);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['alarms', 'chains']);
  });

  it('clears only alarms about chains that stand', async () => {
    const clear = (alarm: object) => send(['admin'], `${PATH}/alarms/clear`, alarm);
    const [subject, kind] = ['31337-test', 'redemption_unknown'];
    await books.sql`
      insert into billing.alarms (kind, subject, detail) values (${kind}, ${subject}, '{}')`;
    expect((await clear({ kind: 'uncollected', subject })).status).toBe(400);
    expect((await clear({ kind, subject: '' })).status).toBe(400);
    expect(await clear({ kind, subject })).toMatchObject({ body: { cleared: { kind, subject } } });
    expect((await clear({ kind, subject })).status).toBe(404);
  });
});
