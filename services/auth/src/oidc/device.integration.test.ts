import { signerTokenSchema } from '@clearinghouse/shared';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { ACCESS_TOKEN, call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { CookieJar, follow, makeAccount, refresh } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { artifactKey } from './artifact-store.ts';

describe('RFC 8628: signing in on a device', () => {
  let auth: TestAuth;
  let second: TestReplica;
  let accountId: string;
  let clientId: string;

  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
    accountId = await makeAccount(auth);
    clientId = auth.seed.publicClientId;
  });
  afterAll(() => auth.stop());

  const begin = async (scope = 'openid sign:job offline_access') => {
    const form = { client_id: clientId, scope };
    const answer = await call(`${auth.config.issuer}/device/auth`, { form });
    expect(answer.status).toBe(200);
    return answer.body as { device_code: string; user_code: string } & Record<string, unknown>;
  };
  const poll = (device_code: string, replica: TestReplica = auth) =>
    call(`${replica.url}${TOKEN_PATH}`, {
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code,
        client_id: clientId,
      },
    });
  /** Lets the time of a device pass. */
  const wait = (device_code: string) => auth.deps.db`
    update auth.oidc_artifacts set polled_at = polled_at - make_interval(secs => ${LIMITS.deviceIntervalSec})
    where model = 'DeviceCode' and id_hash = ${artifactKey(device_code)}`;

  /** Types the code in, confirms it and signs in, as a person would. */
  const approve = async (userCode: string, decision: 'confirm' | 'abort' = 'confirm') => {
    const jar = new CookieJar();
    const url = `${auth.config.issuer}/device`;
    const page = await call(url);
    jar.keep(page.headers);
    const xsrfOf = (text: string) => /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const send = async (form: Record<string, string>) => {
      const answer = await call(url, { headers: { cookie: jar.header }, form });
      jar.keep(answer.headers);
      return answer;
    };
    const shown = await send({ xsrf: xsrfOf(page.text), user_code: userCode });
    const done = await send({
      xsrf: xsrfOf(shown.text),
      user_code: userCode,
      [decision]: 'yes',
    });
    const to = done.headers.get('location');
    if (to !== null) await follow(auth, new URL(to, auth.url).href, { accountId, jar });
  };

  it('tells the device where to send its person, and how often to ask', async () => {
    const started = await begin();
    expect(started).toMatchObject({
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      verification_uri: `${auth.config.issuer}/device`,
      interval: LIMITS.deviceIntervalSec,
      expires_in: LIMITS.deviceCodeTtlSec,
    });
  });

  it('waits, then gets tokens for the person who approved it; they are a signer’s', async () => {
    const { device_code, user_code } = await begin();
    expect((await poll(device_code)).body.error).toBe('authorization_pending');
    await approve(user_code);
    await wait(device_code);
    const answer = await poll(device_code);
    expect(answer.status).toBe(200);
    const claims = signerTokenSchema.parse(decodeJwt(answer.body.access_token));
    expect(claims).toMatchObject({ client_id: auth.seed.app.id, external_user_id: accountId });
    expect(decodeJwt(answer.body.id_token).sub).toBe(claims.sub);
    const renewed = await refresh(auth, answer.body.refresh_token, { clientId });
    expect(renewed.status).toBe(200);
    await wait(device_code);
    expect((await poll(device_code)).body.error).toBe('invalid_grant');
  });

  it('a person who says no ends it: access_denied', async () => {
    const { device_code, user_code } = await begin();
    await approve(user_code, 'abort');
    const answer = await poll(device_code);
    expect([answer.status, answer.body.error]).toEqual([400, 'access_denied']);
  });

  describe('pitfall 9: polling', () => {
    it('the first poll is never throttled, a second at once is slow_down', async () => {
      const { device_code } = await begin();
      expect((await poll(device_code)).body.error).toBe('authorization_pending');
      const fast = await poll(device_code);
      expect([fast.status, fast.body.error]).toEqual([400, 'slow_down']);
    });

    it('the clock is shared: the other replica slows it down too', async () => {
      const { device_code } = await begin();
      expect((await poll(device_code, auth)).body.error).toBe('authorization_pending');
      expect((await poll(device_code, second)).body.error).toBe('slow_down');
      await wait(device_code);
      expect((await poll(device_code, second)).body.error).toBe('authorization_pending');
      expect((await poll(device_code, auth)).body.error).toBe('slow_down');
    });

    it('a refused poll does not move the clock: who waits long enough gets through', async () => {
      const { device_code } = await begin();
      await poll(device_code);
      for (let index = 0; index < 5; index += 1) await poll(device_code);
      // Only the accepted poll counts, so that the wait since then is enough.
      await wait(device_code);
      expect((await poll(device_code)).body.error).toBe('authorization_pending');
    });

    it('of many polls at once over two replicas one is accepted', async () => {
      const { device_code } = await begin();
      const replicas = [auth, second, auth, second, auth, second];
      const answers = await Promise.all(replicas.map((replica) => poll(device_code, replica)));
      const accepted = answers.filter(({ body }) => body.error === 'authorization_pending');
      expect(accepted).toHaveLength(1);
    });

    it('an unknown code is invalid_grant, an expired one too', async () => {
      expect((await poll('x'.repeat(43))).body.error).toBe('invalid_grant');
      const { device_code } = await begin();
      await auth.deps.db`
        update auth.oidc_artifacts set expires_at = now() - interval '1 second'
        where model = 'DeviceCode' and id_hash = ${artifactKey(device_code)}`;
      expect((await poll(device_code)).body.error).toMatch(/^(expired_token|invalid_grant)$/);
    });
  });

  it('S2: of 8 parallel polls of an approved device exactly one gets tokens', async () => {
    const { device_code, user_code } = await begin();
    await approve(user_code);
    // All of them pass the clock, as they would if the interval were shorter than a request.
    await auth.deps.db`
      update auth.oidc_artifacts set polled_at = null where model = 'DeviceCode'`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => poll(device_code, index % 2 ? second : auth)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  describe('approved by the app’s backend for its own user (builder API)', () => {
    const userToken = async (user = 'alice') => {
      const url = `${auth.url}/api/v1/apps/${auth.seed.app.id}/users/${user}/token`;
      return (await call(url, { as: auth.seed.machine, json: {} })).body.access_token as string;
    };
    const approveFor = (user_code: string, subject: string, as = auth.seed.machine) =>
      call(`${auth.url}${TOKEN_PATH}`, {
        as,
        form: {
          grant_type: EXCHANGE,
          subject_token: subject,
          subject_token_type: ACCESS_TOKEN,
          resource: `urn:pmth:device_code:${user_code}`,
        },
      });

    it('the device gets tokens of that user, the code typed as it may be', async () => {
      const { device_code, user_code } = await begin();
      const subject = await userToken();
      const approved = await approveFor(user_code.toLowerCase(), subject);
      expect(approved.status).toBe(200);
      expect(approved.body).toMatchObject({ access_token: subject, token_type: 'Bearer' });
      const answer = await poll(device_code);
      expect(answer.status).toBe(200);
      const claims = signerTokenSchema.parse(decodeJwt(answer.body.access_token));
      const alice = auth.seed.users.find(({ externalUserId }) => externalUserId === 'alice');
      expect(claims).toMatchObject({ sub: alice?.id, external_user_id: 'alice' });
      expect(decodeJwt(answer.body.id_token).sub).toBe(alice?.id);
      expect((await refresh(auth, answer.body.refresh_token, { clientId })).status).toBe(200);
    });

    it('a code that waits for nobody, or was used, is invalid_target', async () => {
      const { user_code } = await begin();
      const subject = await userToken();
      expect((await approveFor('BCDF-GHJK', subject)).body.error).toBe('invalid_target');
      expect((await approveFor(user_code, subject)).status).toBe(200);
      expect((await approveFor(user_code, subject)).body.error).toBe('invalid_target');
    });

    it('S35: another app approves no device of this one', async () => {
      const other = await changeIdentity(auth.deps, (tx, record) =>
        createApp({ tx, record }, { name: 'Other', actor: 'test' }),
      );
      const { device_code, user_code } = await begin();
      const answer = await approveFor(user_code, await userToken(), other.machine);
      expect(answer.status).toBe(400);
      expect((await poll(device_code)).body.error).toBe('authorization_pending');
    });

    it('a machine’s own token approves nothing', async () => {
      const { user_code } = await begin();
      const form = { grant_type: 'client_credentials', scope: 'sign:job' };
      const { body } = await call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
      expect((await approveFor(user_code, body.access_token)).body.error).toBe('invalid_grant');
    });
  });

  it('a confidential client has no devices', async () => {
    const answer = await call(`${auth.config.issuer}/device/auth`, {
      as: auth.seed.machine,
      form: { scope: 'openid' },
    });
    expect(answer.status).toBe(400);
  });
});
