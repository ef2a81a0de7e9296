import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret } from '../secrets/generated-secret.ts';
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

  const renewed = async (token: string) => (await refresh(token)).body.refresh_token as string;
  const age = (token: string, sec: number) => auth.deps.db`
    update auth.user_refresh_tokens set consumed_at = consumed_at - make_interval(secs => ${sec})
    where token_sha256 = ${hashSecret(token)}`;

  it('each is used once; seen again after a while, the whole grant ends', async () => {
    const first = await userToken();
    const second = await refresh(first.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    await age(first.refresh_token, LIMITS.refreshGraceSec + 1);
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
    for (const token of [first.access_token, second.body.access_token]) {
      expect((await exchange({ subject_token: token })).body.error).toBe('invalid_grant');
    }
  });

  it('a user whose sessions end holds nothing any more, whatever is refreshed at that moment', async () => {
    const url = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users/alice/end-sessions`;
    for (let round = 0; round < 8; round += 1) {
      const { access_token, refresh_token } = await userToken();
      const [ended, renewal] = await Promise.all([
        call(url, { as: auth.seed.machine, method: 'POST' }),
        refresh(refresh_token),
      ]);
      expect(ended.status).toBe(200);
      expect(ended.body.ended).toBeGreaterThan(0);
      expect((await exchange({ subject_token: access_token })).body.error).toBe('invalid_grant');
      if (renewal.status !== 200) continue;
      const { access_token: token, refresh_token: child } = renewal.body;
      expect((await refresh(child)).body.error).toBe('invalid_grant');
      expect((await exchange({ subject_token: token })).body.error).toBe('invalid_grant');
    }
  });

  it('an older ancestor ends the grant at once, and the audit log says so', async () => {
    const { refresh_token: first } = await userToken();
    const third = await renewed(await renewed(first));
    expect((await refresh(first)).body.error).toBe('invalid_grant');
    expect((await refresh(third)).body.error).toBe('invalid_grant');
    const rows = await auth.deps.db`
      select 1 from auth.audit_log where action = 'grant.revoked' and actor = ${auth.seed.machine.clientId}`;
    expect(rows.length).toBeGreaterThan(0);
  });

  it.each([
    [8, 0],
    [8, 7],
    [50, 24],
  ])('%i parallel uses all get a token, and that of use %i still refreshes', async (uses, kept) => {
    const { refresh_token: token } = await userToken();
    const answers = await Promise.all(Array.from({ length: uses }, () => refresh(token)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await refresh(answers[kept]?.body.refresh_token)).status).toBe(200);
  });

  it('a child whose place another took ends the grant', async () => {
    const { refresh_token: token } = await userToken();
    const one = await renewed(token);
    const other = await renewed(token);
    const next = await renewed(one);
    expect((await refresh(other)).body.error).toBe('invalid_grant');
    expect((await refresh(next)).body.error).toBe('invalid_grant');
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
