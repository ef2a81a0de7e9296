import { randomUUID } from 'node:crypto';
import { signerTokenSchema } from '@clearinghouse/shared';
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import {
  ACCESS_TOKEN,
  API_KEY,
  type Credentials,
  call,
  EXCHANGE,
  TOKEN_PATH,
} from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('RFC 8693: token exchange', () => {
  let auth: TestAuth;
  let issuer: string;
  let base: string;
  let other: { app: { id: string }; machine: Credentials };

  beforeAll(async () => {
    auth = await startTestAuth();
    ({ issuer } = auth.config);
    base = `${auth.url}/api/v1/apps/${auth.seed.app.id}`;
    other = await changeIdentity(auth.deps, (tx, record) =>
      createApp({ tx, record }, { name: 'Other', actor: 'test' }),
    );
  });
  afterAll(() => auth.stop());

  const exchange = (form: Record<string, string>, as: Credentials = auth.seed.machine) =>
    call(`${auth.url}${TOKEN_PATH}`, {
      as,
      form: { grant_type: EXCHANGE, subject_token_type: ACCESS_TOKEN, ...form },
    });
  const userToken = async (user = 'alice') =>
    (await call(`${base}/users/${user}/token`, { as: auth.seed.machine, json: {} })).body;
  const nowSec = () => Math.floor(Date.now() / 1000);
  /** A token with our own key, for what no route would ever issue. */
  const forge = (claims: JWTPayload, header: Record<string, string> = {}) => {
    const { es256 } = auth.deps.keys();
    const now = nowSec();
    return new SignJWT({
      iss: issuer,
      aud: issuer,
      sub: auth.seed.users[0]?.id ?? '',
      client_id: auth.seed.app.id,
      azp: auth.seed.machine.clientId,
      usage_subject: auth.seed.users[0]?.id,
      external_user_id: 'alice',
      scope: 'sign:job',
      jti: randomUUID(),
      iat: now,
      exp: now + 600,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: es256.kid, ...header })
      .sign(es256.privateKey);
  };
  const read = async (token: string) => {
    const keys = createLocalJWKSet(JSON.parse(auth.deps.issuerParts.jwks().bytes.toString()));
    const { payload } = await jwtVerify(token, keys, { issuer, audience: issuer, typ: 'at+jwt' });
    return { ...signerTokenSchema.parse(payload), act: payload.act };
  };

  it('an API key becomes a signer token of 300 s that names the key', async () => {
    const answer = await exchange({
      subject_token: auth.seed.apiKey.key,
      subject_token_type: API_KEY,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'sign:job',
    });
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(await read(answer.body.access_token)).toMatchObject({
      client_id: auth.seed.app.id,
      azp: auth.seed.machine.clientId,
      usage_subject: 'app',
      key_id: auth.seed.apiKey.id,
    });
  });

  it('a user token becomes a signer token of the user, under the same grant', async () => {
    const { access_token: subject } = await userToken();
    const answer = await exchange({ subject_token: subject, resource: issuer });
    const claims = await read(answer.body.access_token);
    expect(claims).toMatchObject({ external_user_id: 'alice', azp: auth.seed.machine.clientId });
    expect(claims.grant_id).toBe(decodeJwt(subject).grant_id);
    expect(claims.act).toBeUndefined();
    expect(answer.body.balanceUsdMicros).toBe('5000000');
  });

  it('lives no longer than its subject', async () => {
    const subject = await forge({ exp: nowSec() + 60 });
    const answer = await exchange({ subject_token: subject, resource: issuer });
    expect(answer.body.expires_in).toBeLessThanOrEqual(60);
    const claims = await read(answer.body.access_token);
    expect(claims.exp).toBeLessThanOrEqual(decodeJwt(subject).exp ?? 0);
  });

  it('lives no longer than what is left of a rotated key’s overlap', async () => {
    const made = await call(`${base}/keys`, { as: auth.seed.machine, json: {} });
    const url = `${base}/keys/${made.body.id}/rotate`;
    await call(url, { as: auth.seed.machine, json: { overlapSeconds: 60 } });
    const form = { subject_token: made.body.key, subject_token_type: API_KEY };
    const answer = await exchange(form);
    expect(answer.status).toBe(200);
    expect(answer.body.expires_in).toBeLessThanOrEqual(60);
  });

  it('a token that came from a key opens no session that would outlive the key', async () => {
    const json = { externalUserId: 'alice' };
    const { key, id } = (await call(`${base}/keys`, { as: auth.seed.machine, json })).body;
    const first = await exchange({ subject_token: key, subject_token_type: API_KEY });
    const again = await exchange({ subject_token: first.body.access_token });
    expect(again.body.expires_in).toBeLessThanOrEqual(300);
    expect(await read(again.body.access_token)).toMatchObject({ key_id: id });
  });

  it('a token that is past its end opens no session in the tolerance of clocks', async () => {
    const subject = await forge({ iat: nowSec() - 300, exp: nowSec() - 2 });
    expect((await exchange({ subject_token: subject })).body.error).toBe('invalid_grant');
  });

  it('names the actor when the subject was issued to another client', async () => {
    const subject = await forge({ azp: auth.seed.app.id });
    const answer = await exchange({ subject_token: subject });
    const claims = await read(answer.body.access_token);
    expect(claims.act).toEqual({ sub: auth.seed.machine.clientId });
  });

  it('keeps the chain of actors, up to three', async () => {
    const chain = (depth: number): object =>
      depth === 1 ? { sub: 'a' } : { sub: 'a', act: chain(depth - 1) };
    const two = await forge({ azp: auth.seed.app.id, act: chain(2) });
    const kept = await exchange({ subject_token: two });
    expect((await read(kept.body.access_token)).act).toEqual({
      sub: auth.seed.machine.clientId,
      act: chain(2),
    });
    const three = await forge({ azp: auth.seed.app.id, act: chain(3) });
    expect((await exchange({ subject_token: three })).body.error).toBe('invalid_request');
  });

  it('keeps an actor that was there when its own client asks', async () => {
    const subject = await forge({ act: { sub: 'first' } });
    const answer = await exchange({ subject_token: subject, resource: issuer });
    expect((await read(answer.body.access_token)).act).toEqual({ sub: 'first' });
  });

  describe('S34: never widens', () => {
    it.each([
      ['a wider scope', { scope: 'sign:job admin' }, 'invalid_scope'],
      ['a management scope', { scope: 'users:read' }, 'invalid_scope'],
      ['the management audience', { audience: 'self/api/v1' }, 'invalid_target'],
      ['billing', { resource: 'urn:clearinghouse:billing' }, 'invalid_target'],
      ['another resource', { resource: 'https://x.example' }, 'invalid_target'],
      ['an actor token', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
      [
        'a refresh token',
        { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
        'invalid_request',
      ],
      [
        'an ID token',
        { requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
        'invalid_request',
      ],
      [
        'an unknown subject type',
        { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
        'invalid_request',
      ],
    ])('to %s', async (_name, form, error) => {
      const { access_token: subject } = await userToken();
      const answer = await exchange({ subject_token: subject, ...(form as object) });
      expect([answer.status, answer.body.error]).toEqual([400, error]);
    });

    it('from a subject without the scope', async () => {
      const subject = await forge({ scope: 'openid' });
      expect((await exchange({ subject_token: subject })).body.error).toBe('invalid_scope');
    });

    it('from a key without the scope', async () => {
      const json = { scopes: ['usage:read'] };
      const { body } = await call(`${base}/keys`, { as: auth.seed.machine, json });
      const form = { subject_token: body.key, subject_token_type: API_KEY };
      expect((await exchange(form)).body.error).toBe('invalid_scope');
    });

    it('but takes the issuer named as resource and as audience', async () => {
      const { access_token: subject } = await userToken();
      const form = { subject_token: subject, resource: issuer, audience: issuer };
      expect((await exchange(form)).status).toBe(200);
    });
  });

  describe('S11, S13: subjects that are not what they seem', () => {
    const refused = { error: 'invalid_grant', error_description: 'grant request is invalid' };

    it.each<[string, () => Promise<string> | string]>([
      ['empty parts', () => 'eyJ.eyJ.x'],
      [
        'alg none',
        () => `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.e30.`,
      ],
      ['an ID token by typ', () => forge({}, { typ: 'JWT' })],
      ['the management audience', () => forge({ aud: auth.config.managementAudience })],
      ['two audiences', () => forge({ aud: [issuer, 'https://x.example'] })],
      ['another issuer', () => forge({ iss: 'https://x.example' })],
      ['expired', () => forge({ exp: nowSec() - 60 })],
      ['an unknown kid', () => forge({}, { kid: '../../etc/passwd' })],
      ['kid as SQL', () => forge({}, { kid: "' or 1=1 --" })],
      ['a bound token without its proof', () => forge({ cnf: { jkt: 'x' } })],
      ['may_act of somebody else', () => forge({ may_act: { sub: 'm2m_else' } })],
      ['another app', () => forge({ client_id: other.app.id })],
      ['no usage subject', () => forge({ usage_subject: undefined })],
      ['a refresh token', async () => (await userToken()).refresh_token],
      ['a client secret', () => auth.seed.machine.clientSecret],
    ])('refuses %s and does not say why', async (_name, make) => {
      const answer = await exchange({ subject_token: await make() });
      expect([answer.status, answer.body]).toEqual([400, refused]);
    });

    it('refuses HS256 with the public key as its secret', async () => {
      const { publicJwk } = auth.deps.keys().es256;
      const secret = Buffer.from(JSON.stringify(publicJwk));
      const token = await new SignJWT(decodeJwt((await userToken()).access_token))
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: publicJwk.kid ?? '' })
        .sign(secret);
      expect((await exchange({ subject_token: token })).body).toEqual(refused);
    });

    it('refuses a token signed with the RS256 key', async () => {
      const { rs256 } = auth.deps.keys();
      const token = await new SignJWT(decodeJwt((await userToken()).access_token))
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: rs256.kid })
        .sign(rs256.privateKey);
      expect((await exchange({ subject_token: token })).body).toEqual(refused);
    });

    it('S35: refuses the subject of another app, key or token', async () => {
      const { access_token: token } = await userToken();
      const { key } = auth.seed.apiKey;
      for (const form of [
        { subject_token: token },
        { subject_token: key, subject_token_type: API_KEY },
      ]) {
        expect((await exchange(form, other.machine)).body).toEqual(refused);
      }
    });

    it('needs a subject at all', async () => {
      const { clientId, clientSecret } = auth.seed.machine;
      const answer = await exchange({ subject_token: '' }, { clientId, clientSecret });
      expect(answer.body.error).toBe('invalid_request');
    });
  });

  describe('what was revoked', () => {
    it('a token whose id was revoked', async () => {
      const { access_token: token } = await userToken();
      const revoke = () =>
        call(`${base}/tokens/revoke`, { as: auth.seed.machine, json: { token } });
      expect((await revoke()).body).toEqual({ success: true });
      expect((await exchange({ subject_token: token })).body.error).toBe('invalid_grant');
      const { jti } = decodeJwt(token);
      const rows = await auth.deps.db`
        select status from identity.principal_status where kind = 'jti' and id = ${jti ?? ''}`;
      expect(rows).toEqual([{ status: 'revoked' }]);
    });

    it('a token cannot be revoked by another app', async () => {
      const { access_token: token } = await userToken();
      const url = `${auth.url}/api/v1/apps/${other.app.id}/tokens/revoke`;
      expect((await call(url, { as: other.machine, json: { token } })).status).toBe(404);
      expect((await exchange({ subject_token: token, resource: issuer })).status).toBe(200);
    });

    it('a token of a user who is inactive, then active again', async () => {
      const setStatus = (status: string) =>
        call(`${base}/users`, {
          method: 'PUT',
          as: auth.seed.machine,
          json: { externalUserId: 'bob', status },
        });
      const { access_token: token } = await userToken('bob');
      await setStatus('inactive');
      const form = { subject_token: token, resource: issuer };
      expect((await exchange(form)).body.error).toBe('invalid_grant');
      await setStatus('active');
      expect((await exchange(form)).status).toBe(200);
    });

    it('a token and the keys of a user who was deleted', async () => {
      const json = { externalUserId: 'leaver' };
      await call(`${base}/users`, { as: auth.seed.machine, json });
      const { access_token: token } = await userToken('leaver');
      const { body: key } = await call(`${base}/keys`, { as: auth.seed.machine, json });
      const gone = await call(`${base}/users?externalUserId=leaver`, {
        method: 'DELETE',
        as: auth.seed.machine,
      });
      expect(gone.body).toEqual({ success: true });
      for (const subject of [token, key.key]) {
        expect((await exchange({ subject_token: subject })).body.error).toBe('invalid_grant');
      }
      const rows = await auth.deps.db`
        select status from identity.principal_status where kind = 'key' and id = ${key.id}`;
      expect(rows).toEqual([{ status: 'revoked' }]);
    });
  });

  describe('at the address of the app and of the facade', () => {
    const appExchange = (form: Record<string, string>, as?: Credentials, app = auth.seed.app.id) =>
      call(`${auth.url}/api/v1/apps/${app}/oidc/token`, {
        as,
        form: { grant_type: EXCHANGE, subject_token_type: API_KEY, ...form },
      });

    it('a key needs no client beside it', async () => {
      const answer = await appExchange({ subject_token: auth.seed.apiKey.key });
      expect(answer.body).toMatchObject({ expires_in: 300, signer_url: 'http://127.0.0.1:4002' });
      expect(await read(answer.body.access_token)).toMatchObject({ azp: auth.seed.app.id });
    });

    it('takes the key behind its app id, and not behind another', async () => {
      const { key } = auth.seed.apiKey;
      const composite = `${auth.seed.app.id}_${key}`;
      expect((await appExchange({ subject_token: composite })).status).toBe(200);
      const crossed = await appExchange({ subject_token: `${other.app.id}_${key}` });
      expect(crossed.body.error).toBe('invalid_grant');
    });

    it('S35: refuses a key at the address of another app; 404 where there is none', async () => {
      const { key } = auth.seed.apiKey;
      const crossed = await appExchange({ subject_token: key }, undefined, other.app.id);
      expect(crossed.body.error).toBe('invalid_grant');
      const nowhere = await appExchange({ subject_token: key }, undefined, `app_${'0'.repeat(24)}`);
      expect(nowhere.status).toBe(404);
    });

    it('a client that is given must be right', async () => {
      const { key } = auth.seed.apiKey;
      const wrong = { ...auth.seed.machine, clientSecret: 'wrong' };
      const answer = await appExchange({ subject_token: key }, wrong);
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    });

    it('refuses JSON and another grant', async () => {
      const url = `${base}/oidc/token`;
      expect((await call(url, { json: { grant_type: EXCHANGE } })).status).toBe(400);
      const form = { grant_type: 'password' };
      expect((await call(url, { form })).body.error).toBe('unsupported_grant_type');
    });

    it('the facade answers a bad key with the body that key holders know', async () => {
      const url = `${auth.url}/api/pymthouse/keys/exchange`;
      const good = await call(url, { json: { apiKey: auth.seed.apiKey.key } });
      expect(good.body).toMatchObject({ scope: 'sign:job', signer_url: expect.any(String) });
      const bad = await call(url, { json: { apiKey: `${auth.seed.apiKey.key}x` } });
      expect([bad.status, bad.text]).toEqual([
        401,
        '{"error":"Unauthorized","message":"Invalid API key"}',
      ]);
    });
  });

  describe('opaque signer sessions', () => {
    const openSession = async () =>
      exchange({ subject_token: (await userToken()).access_token, scope: 'sign:job' });

    it('a machine that names no target for its own user token gets an opaque one', async () => {
      const answer = await openSession();
      expect(answer.body).toMatchObject({
        expires_in: 7_776_000,
        issued_token_type: 'urn:pmth:token-type:remote-signer-session',
      });
      const again = await exchange({ subject_token: answer.body.access_token });
      expect(await read(again.body.access_token)).toMatchObject({ external_user_id: 'alice' });
    });

    it('a user keeps the newest twenty', async () => {
      const sessions: string[] = [];
      for (let index = 0; index < 21; index += 1) {
        sessions.push((await openSession()).body.access_token);
      }
      const first = await exchange({ subject_token: sessions[0] ?? '' });
      const last = await exchange({ subject_token: sessions[20] ?? '' });
      expect([first.body.error, last.status]).toEqual(['invalid_grant', 200]);
    });
  });
});
