import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signerTokenSchema } from '@clearinghouse/shared';
import { type CryptoKey, decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CreatedApp, createApp } from '../apps/create-app.ts';
import { changeIdentity } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { createGuardedFetch } from '../oidc/guarded-fetch.ts';
import { type Credentials, call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { createExternalKeys } from './fetch-external-keys.ts';

const ISSUER = 'https://idp.example';
const AUDIENCE = 'clearinghouse';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

type Key = { readonly privateKey: CryptoKey; readonly jwk: JWK };

async function makeKey(kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

describe('RFC 8693: tokens of another issuer', () => {
  let auth: TestAuth;
  let second: TestReplica;
  let other: CreatedApp;
  let idp: Server;
  let jwksUri: string;
  let key: Key;
  let served: JWK[];
  let fetches = 0;
  let status = 200;

  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
    other = await changeIdentity(auth.deps, (tx, record) =>
      createApp({ tx, record }, { name: 'Other', actor: 'test' }),
    );
    key = await makeKey('k1');
    served = [key.jwk];
    idp = createServer((_request, response) => {
      fetches += 1;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: served }));
    });
    await new Promise<void>((resolve) => idp.listen(0, '127.0.0.1', resolve));
    jwksUri = `http://127.0.0.1:${(idp.address() as AddressInfo).port}/jwks`;
    await register({ id: `ext_${'1'.repeat(24)}`, issuer: ISSUER });
  });
  beforeEach(() => {
    status = 200;
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => idp.close(() => resolve()));
    await auth.stop();
  });

  const register = (row: { id: string; issuer: string; jwksUri?: string; provisions?: boolean }) =>
    auth.deps.db`
      insert into auth.external_issuers
        (id, app_id, issuer, jwks_uri, algs, audience, provisions_users, created_by)
      values (${row.id}, ${auth.seed.app.id}, ${row.issuer}, ${row.jwksUri ?? jwksUri},
        ${['ES256']}, ${AUDIENCE}, ${row.provisions ?? false}, 'test')`;
  const sign = (claims: Record<string, unknown> = {}, header: object = {}, by = key) => {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'alice',
      jti: randomUUID(),
      iat: now,
      exp: now + 120,
      ...claims,
    };
    const given = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined),
    );
    return new SignJWT(given)
      .setProtectedHeader({ alg: 'ES256', kid: by.jwk.kid ?? '', ...header })
      .sign(by.privateKey);
  };
  const exchange = (
    token: string,
    options: { as?: Credentials; replica?: TestReplica; form?: Record<string, string> } = {},
  ) =>
    call(`${(options.replica ?? auth).url}${TOKEN_PATH}`, {
      as: options.as ?? auth.seed.machine,
      form: {
        grant_type: EXCHANGE,
        subject_token: token,
        subject_token_type: JWT,
        resource: auth.config.issuer,
        ...options.form,
      },
    });
  const errorOf = async (token: string | Promise<string>) =>
    (await exchange(await token)).body.error;

  it('gives a signer token of the app’s user, no longer than the subject lives, with the actor', async () => {
    const answer = await exchange(await sign());
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'sign:job' });
    expect(answer.body.issued_token_type).toBe('urn:ietf:params:oauth:token-type:access_token');
    expect(answer.body).not.toHaveProperty('refresh_token');
    expect(answer.body.expires_in).toBeLessThanOrEqual(120);
    const claims = decodeJwt(answer.body.access_token);
    expect(signerTokenSchema.parse(claims)).toMatchObject({
      external_user_id: 'alice',
      client_id: auth.seed.app.id,
      azp: auth.seed.machine.clientId,
    });
    expect(claims.act).toEqual({ sub: auth.seed.machine.clientId });
    const [row] = await auth.deps.db`
      select detail from auth.audit_log where action = 'token.exchanged'
      order by id desc limit 1`;
    expect(row?.detail).toMatchObject({ from: 'external token' });
  });

  it('m: each token is exchanged once, over both replicas, with an id or without', async () => {
    for (const jti of [randomUUID(), undefined]) {
      const token = await sign({ jti });
      const answers = await Promise.all([
        exchange(token),
        exchange(token, { replica: second }),
        exchange(token),
      ]);
      expect(answers.filter(({ status: code }) => code === 200)).toHaveLength(1);
    }
  });

  it('m: nor again in other letters: an ECDSA signature has a twin, its last letter spare bits', async () => {
    const token = await sign({ jti: undefined, nonce: randomUUID() });
    const [head, body, signature = ''] = token.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
    const twin = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const other = Buffer.concat([
      bytes.subarray(0, 32),
      Buffer.from(twin.toString(16).padStart(64, '0'), 'hex'),
    ]);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters[letters.indexOf(signature.at(-1) ?? '') ^ 1];
    expect((await exchange(token)).status).toBe(200);
    for (const again of [other.toString('base64url'), `${signature.slice(0, -1)}${last}`]) {
      expect(await errorOf(`${head}.${body}.${again}`)).toBe('invalid_grant');
    }
  });

  it('c: without a proven client it is nothing', async () => {
    const answer = await call(`${auth.url}/api/v1/apps/${auth.seed.app.id}/oidc/token`, {
      form: { grant_type: EXCHANGE, subject_token: await sign(), subject_token_type: JWT },
    });
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
  });

  it('another app does not trust this issuer', async () => {
    const answer = await exchange(await sign(), { as: other.machine });
    expect(answer.body.error).toBe('invalid_grant');
  });

  it('e: never widens: another scope, another target, another kind of token', async () => {
    expect((await exchange(await sign(), { form: { scope: 'users:read' } })).body.error).toBe(
      'invalid_scope',
    );
    const elsewhere = { resource: 'https://elsewhere.example' };
    expect((await exchange(await sign(), { form: elsewhere })).body.error).toBe('invalid_target');
    const kind = { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' };
    expect((await exchange(await sign(), { form: kind })).body.error).toBe('invalid_request');
  });

  const now = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => Promise<string>]>([
    ['another audience', () => sign({ aud: 'somebody-else' })],
    ['no audience', () => sign({ aud: undefined })],
    ['an issuer nobody registered', () => sign({ iss: 'https://evil.example' })],
    ['an end that is past', () => sign({ exp: now() - 60 })],
    ['no end', () => sign({ exp: undefined })],
    ['a time to come', () => sign({ iat: now() + 3_600, exp: now() + 3_700 })],
    ['a life of a year', () => sign({ exp: now() + 365 * 86_400 })],
    ['a user that the app does not know', () => sign({ sub: 'nobody-here' })],
    ['a subject that is no user id', () => sign({ sub: 'a@b.c' })],
    ['a subject that is no text', () => sign({ sub: undefined })],
    ['a proof of possession that nobody reads', () => sign({ cnf: { jkt: 'x' } })],
    ['the type of a logout token', () => sign({}, { typ: 'logout+jwt' })],
    [
      'a key of its own in the header',
      async () => {
        const own = await makeKey('own');
        return sign({}, { jwk: own.jwk, kid: 'own' }, own);
      },
    ],
    [
      'a key set of its own in the header',
      async () => {
        const own = await makeKey('own');
        return sign({}, { jku: 'https://evil.example/jwks', kid: 'own' }, own);
      },
    ],
    [
      'no signature',
      async () => {
        const [, body] = (await sign()).split('.');
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
      },
    ],
    ['may_act that names another', () => sign({ may_act: { sub: 'm2m_another' } })],
    ['an issuer with a NUL', () => sign({ iss: 'https://idp.example\u0000' })],
    ['an issuer that is no text', () => sign({ iss: 7 })],
    ['an issuer that is a list', () => sign({ iss: [ISSUER] })],
    ['a user with a NUL', () => sign({ sub: 'alice\u0000' })],
    ['an actor behind whom nobody stands', () => sign({ act: { sub: 'a', act: null } })],
    ['an actor behind a word', () => sign({ act: { sub: 'a', act: 'b' } })],
    ['an actor without a name', () => sign({ act: { sub: 'a', act: {} } })],
    ['an actor of a long name', () => sign({ act: { sub: 'a', act: { sub: 'b'.repeat(129) } } })],
  ])('S34: refuses %s', async (_name, make) => {
    expect(await errorOf(make())).toBe('invalid_grant');
  });

  it('S11: a secret made of the public key signs nothing', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
    const forged = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('2m')
      .sign(secret);
    expect(await errorOf(forged)).toBe('invalid_grant');
  });

  it('g, h: the chain of actors is kept, and ends at three', async () => {
    const chain = (depth: number): object | undefined =>
      depth === 0 ? undefined : { sub: `actor-${depth}`, act: chain(depth - 1) };
    const answer = await exchange(await sign({ act: chain(LIMITS.actorDepthMax - 1) }));
    expect(decodeJwt(answer.body.access_token).act).toMatchObject({
      sub: auth.seed.machine.clientId,
      act: { sub: 'actor-2', act: { sub: 'actor-1' } },
    });
    expect(await errorOf(sign({ act: chain(LIMITS.actorDepthMax) }))).toBe('invalid_request');
  });

  it('g: of an actor, who it is goes on, and nothing that another issuer says besides', async () => {
    const act = {
      sub: 'a',
      iss: 'https://x.example',
      email: 'a@b.example',
      act: { sub: 'b', x: 1 },
    };
    const answer = await exchange(await sign({ act }));
    expect(decodeJwt(answer.body.access_token).act).toEqual({
      sub: auth.seed.machine.clientId,
      act: { sub: 'a', act: { sub: 'b' } },
    });
  });

  it('creates users only for an issuer that may', async () => {
    const issuer = 'https://provisioning.example';
    await register({ id: `ext_${'2'.repeat(24)}`, issuer, provisions: true });
    const answer = await exchange(await sign({ iss: issuer, sub: 'newcomer' }));
    expect(decodeJwt(answer.body.access_token).external_user_id).toBe('newcomer');
  });

  it('an inactive user gets nothing', async () => {
    await call(`${auth.url}/api/v1/apps/${auth.seed.app.id}/users`, {
      as: auth.seed.machine,
      json: { externalUserId: 'sleeper', status: 'inactive' },
    });
    expect(await errorOf(sign({ sub: 'sleeper' }))).toBe('invalid_grant');
  });

  it('S45: a jwks_uri inside our network is not asked', async () => {
    const issuer = 'https://inside.example';
    await register({ id: `ext_${'3'.repeat(24)}`, issuer, jwksUri: 'https://10.0.0.1/jwks' });
    expect(await errorOf(sign({ iss: issuer }))).toBe('invalid_grant');
  });

  describe('key sets', () => {
    let nowMs = 0;
    const open = () =>
      createExternalKeys({
        guardedFetch: createGuardedFetch({ allowLoopback: true }),
        nowMs: () => nowMs,
      });
    const header = (kid: string) => ({ alg: 'ES256', kid });
    beforeEach(() => {
      fetches = 0;
    });

    it('S12: one fetch serves many; unknown key ids make no storm', async () => {
      const keys = open();
      await Promise.all(Array.from({ length: 20 }, () => keys(jwksUri, header('k1'))));
      expect(fetches).toBe(1);
      for (let index = 0; index < 20; index += 1) {
        await expect(keys(jwksUri, header(`made-up-${index}`))).rejects.toThrow();
      }
      expect(fetches).toBe(1);
      nowMs += LIMITS.externalKeysCooldownMs;
      await expect(keys(jwksUri, header('made-up'))).rejects.toThrow();
      expect(fetches).toBe(2);
    });

    it('a key that the issuer rotated in is found after the pause', async () => {
      const keys = open();
      await keys(jwksUri, header('k1'));
      const next = await makeKey('k2');
      served = [key.jwk, next.jwk];
      nowMs += LIMITS.externalKeysCooldownMs;
      await expect(keys(jwksUri, header('k2'))).resolves.toBeDefined();
      served = [key.jwk];
    });

    it('a key of a kind that nobody knows yet leaves the others good (RFC 7517, section 5)', async () => {
      const keys = open();
      served = [{ kty: 'AKP', alg: 'ML-DSA-44', kid: 'k0', pub: 'AA' }, key.jwk];
      await expect(keys(jwksUri, header('k1'))).resolves.toBeDefined();
      served = [{ kty: 'oct', kid: 'k1', k: 'c2VjcmV0' }];
      nowMs += LIMITS.externalKeysKeptMs;
      await expect(keys(jwksUri, header('k1'))).rejects.toThrow();
      served = [key.jwk];
    });

    it('a key that is gone is no longer believed once the set is old', async () => {
      const keys = open();
      await keys(jwksUri, header('k1'));
      served = [];
      nowMs += LIMITS.externalKeysKeptMs;
      await expect(keys(jwksUri, header('k1'))).rejects.toThrow();
      served = [key.jwk];
    });

    it('an issuer that is away is asked again after the pause, not at every token', async () => {
      const keys = open();
      status = 500;
      for (let index = 0; index < 5; index += 1) {
        await expect(keys(jwksUri, header('k1'))).rejects.toThrow();
      }
      expect(fetches).toBe(1);
      status = 200;
      nowMs += LIMITS.externalKeysCooldownMs;
      await expect(keys(jwksUri, header('k1'))).resolves.toBeDefined();
    });
  });

  describe('the operator registers them', () => {
    const url = () => `${auth.url}/api/v1/admin/apps/${auth.seed.app.id}/external-issuers`;
    const body = {
      issuer: 'https://registered.example',
      jwksUri: 'https://registered.example/jwks',
      audience: AUDIENCE,
    };

    it('once each, lists and removes them', async () => {
      const made = await call(url(), { as: auth.seed.admin, json: body });
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({ ...body, algs: ['RS256'], subjectClaim: 'sub' });
      expect((await call(url(), { as: auth.seed.admin, json: body })).status).toBe(409);
      const listed = await call(url(), { as: auth.seed.admin });
      expect(listed.body.externalIssuers).toContainEqual(made.body);
      const one = `${url()}/${made.body.id}`;
      expect((await call(one, { method: 'DELETE', as: auth.seed.admin })).status).toBe(200);
      expect((await call(one, { method: 'DELETE', as: auth.seed.admin })).status).toBe(404);
    });

    it.each<[string, Record<string, unknown>]>([
      ['http', { jwksUri: 'http://registered.example/jwks' }],
      ['a symmetric algorithm', { algs: ['HS256'] }],
      ['no signature', { algs: ['none'] }],
      ['credentials in the URL', { jwksUri: 'https://a:b@registered.example/' }],
      ['no audience', { audience: '' }],
    ])('refuses %s', async (_name, changed) => {
      const answer = await call(url(), { as: auth.seed.admin, json: { ...body, ...changed } });
      expect(answer.status).toBe(400);
    });

    it('the app itself may not', async () => {
      expect((await call(url(), { as: auth.seed.machine, json: body })).status).toBe(403);
    });
  });
});
