import { join } from 'node:path';
import { adminToken } from '@clearinghouse/stack';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, textIn } from '../../scripts/demo/call-api.ts';
import {
  dumpTables,
  findSecrets,
  type Place,
  readFolder,
  readRedisFiles,
} from './fixture/find-secrets.ts';
import { listSecrets, type Secret } from './fixture/list-secrets.ts';
import { openApp } from './fixture/open-app.ts';
import { newPaymentSession, pay } from './fixture/pay.ts';
import { readBooks } from './fixture/read-books.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

describe('after a run with every kind of credential', () => {
  let stack: TestStack;
  let secrets: readonly Secret[];
  let appId: string;
  let places: Readonly<Record<'redis' | 'tables' | 'logs' | 'journal', readonly Place[]>>;

  beforeAll(async () => {
    const LOG_LEVEL = 'debug';
    const extra = { auth: { LOG_LEVEL }, billing: { LOG_LEVEL }, signer: { LOG_LEVEL } };
    stack = await startTestStack({ extra });
    const app = await openApp(stack, 1_000_000n);
    appId = app.appId;
    await app.createUser('alice');
    const { access, refresh } = await app.userToken('alice');
    const { key } = await app.createKey();
    const { m2mClientId, m2mClientSecret } = stack.seeded.app;
    const exchanged = await callApi({
      method: 'POST',
      url: `${stack.authOrigin}/api/v1/oidc/token`,
      credential: { kind: 'basic', id: m2mClientId, secret: m2mClientSecret },
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: stack.seeded.apiKey,
        subject_token_type: 'urn:pymthouse:oauth:token-type:api_key',
      },
    });
    const admin = await adminToken(stack.authOrigin, stack.seeded);
    const machine = await app.machineToken();
    const ofKey = textIn(exchanged, 'access_token');
    for (const credential of [access, key, machine, ofKey, stack.seeded.apiKey]) {
      const session = newPaymentSession();
      const first = await pay(stack.signerUrl, credential, session());
      expect(first.status, first.text).toBe(200);
      await pay(stack.signerUrl, credential, session(first.json.state));
    }
    // A refusal of a known caller, which is logged with who it was.
    const nothing = await pay(stack.signerUrl, key, newPaymentSession({ inPixels: 0n })());
    expect(nothing.json.error?.code).toBe('missing_units');
    await sendWhereItIsRefused([admin, refresh, `${key}x`, `${access}x`]);
    secrets = listSecrets(stack, {
      'user token': access,
      'refresh token': refresh,
      'API key': key,
      'seeded API key': stack.seeded.apiKey,
      'machine token': machine,
      'token of a key': ofKey,
      'admin token': admin,
      'client secret': app.clientSecret,
      'seeded client secret': m2mClientSecret,
      'admin client secret': stack.seeded.admin.clientSecret,
    });
    await waitFor(async () => (await readBooks(stack.database.superuserUrl)).openHolds === 0, {
      what: 'settlement',
      timeoutMs: 30_000,
    });
    places = {
      redis: await readRedisFiles(stack.redis?.port ?? 0),
      tables: await dumpTables(stack.database.superuserUrl),
      logs: readFolder(join(stack.dataDir, 'logs'), 'log'),
      journal: readFolder(join(stack.dataDir, 'journal'), 'journal'),
    };
  });
  afterAll(() => stack?.stop());

  /** Credentials at doors that are not theirs: errors are logged, and must not quote them. */
  const sendWhereItIsRefused = async (credentials: readonly string[]) => {
    const { authOrigin, signerUrl, seeded } = stack;
    for (const credential of credentials) {
      const refused = await pay(signerUrl, credential, newPaymentSession()());
      expect(refused.status).toBe(401);
      const headers = { Authorization: `Bearer ${credential}` };
      await fetch(`${authOrigin}/api/v1/apps/${seeded.app.id}/usage`, { headers });
      await fetch(`${authOrigin}/api/v1/nowhere?token=${credential}`, { headers });
      const form = { grant_type: 'refresh_token', refresh_token: credential };
      const body = new URLSearchParams(form);
      await fetch(`${authOrigin}/api/v1/oidc/token`, { method: 'POST', body });
    }
  };

  it.each(['redis', 'tables', 'logs', 'journal'] as const)('no secret stands in: %s', (kind) => {
    expect(findSecrets(places[kind], secrets)).toEqual([]);
  });

  it('the search would find them: what is no secret is found', () => {
    const known = [{ name: 'the app', text: appId }];
    expect(findSecrets(places.redis, known)).not.toEqual([]);
    expect(findSecrets(places.tables, known).length).toBeGreaterThan(3);
    expect(findSecrets(places.logs, known)).not.toEqual([]);
    const names = places.tables.map(({ name }) => name.split('.')[0]);
    expect(new Set(names)).toEqual(new Set(['table auth', 'table billing', 'table identity']));
  });
});
