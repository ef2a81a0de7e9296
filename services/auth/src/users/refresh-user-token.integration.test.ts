import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import {
  ACCESS_TOKEN,
  type Credentials,
  call,
  EXCHANGE,
  TOKEN_PATH,
} from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('RFC 9700, 4.14: refresh tokens of users', () => {
  let auth: TestAuth;
  let other: CreatedApp;
  beforeAll(async () => {
    auth = await startTestAuth();
    other = await changeIdentity(auth.deps, (tx, record) =>
      createApp({ tx, record }, { name: 'Other', actor: 'test' }),
    );
  });
  afterAll(() => auth.stop());

  const userToken = async () => {
    const url = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users/alice/token`;
    return (await call(url, { as: auth.seed.machine, json: {} })).body;
  };
  const exchange = (form: Record<string, string>) =>
    call(`${auth.url}${TOKEN_PATH}`, {
      as: auth.seed.machine,
      form: { grant_type: EXCHANGE, subject_token_type: ACCESS_TOKEN, ...form },
    });
  const refresh = (token: string, as: Credentials = auth.seed.machine) =>
    call(`${auth.url}${TOKEN_PATH}`, {
      as,
      form: { grant_type: 'refresh_token', refresh_token: token },
    });

  it('each is used once; seen again, the whole grant ends', async () => {
    const first = await userToken();
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
    for (const token of [first.access_token, second.body.access_token]) {
      expect((await exchange({ subject_token: token })).body.error).toBe('invalid_grant');
    }
  });

  it('of 8 parallel uses at most one gives a token', async () => {
    const { refresh_token: token } = await userToken();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('another client ends the grant and gets nothing', async () => {
    const { refresh_token: token } = await userToken();
    expect((await refresh(token, other.machine)).body.error).toBe('invalid_grant');
    expect((await refresh(token)).body.error).toBe('invalid_grant');
  });

  it.each(['lp_rt_', 'lp_rt_x', `lp_rt_${'a'.repeat(49)}`, 'unknown'])(
    'refuses %s',
    async (token) => {
      expect((await refresh(token)).body.error).toBe('invalid_grant');
    },
  );
});
