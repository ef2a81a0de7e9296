import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_TOKEN, call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import {
  type DpopKey,
  makeDpopKey,
  makeDpopProof,
  type ProofClaims,
} from '../testing/make-dpop-proof.ts';
import { makeAccount, redeem, refresh, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://client.example/cb';

describe('RFC 9449: tokens bound to a key', () => {
  let auth: TestAuth;
  let second: TestReplica;
  let client: { clientId: string; redirectUri: string };
  let accountId: string;
  let key: DpopKey;
  let htu: string;

  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
    client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    const metadata = auth.deps.db.json({ redirect_uris: [REDIRECT] });
    await auth.deps.db`
      update auth.clients set metadata = ${metadata} where id = ${client.clientId}`;
    accountId = await makeAccount(auth);
    key = await makeDpopKey();
    htu = `${auth.config.issuer}/token`;
  });
  afterAll(() => auth.stop());

  const start = (scope = 'openid') => signIn(auth, { ...client, accountId, scope });
  const prove = (changed: Partial<ProofClaims> = {}, by = key) =>
    makeDpopProof(by, { htu, ...changed });
  const bound = async (scope?: string) => {
    const headers = { dpop: await prove() };
    const answer = await redeem(auth, await start(scope), { ...client, headers });
    expect([answer.status, answer.body.token_type]).toEqual([200, 'DPoP']);
    return answer.body;
  };
  const userinfo = async (token: string, scheme: string, proof?: string) =>
    call(`${auth.config.issuer}/me`, {
      as: `${scheme} ${token}`,
      headers: proof === undefined ? {} : { dpop: proof },
    });
  const proofFor = (token: string, by = key) =>
    makeDpopProof(by, { htu: `${auth.config.issuer}/me`, htm: 'GET', accessToken: token });

  it('a proof at the token endpoint binds the access token; it works with proofs of that key', async () => {
    const { access_token } = await bound();
    expect((await userinfo(access_token, 'DPoP', await proofFor(access_token))).status).toBe(200);
  });

  it('S32: as a bearer token, without a proof, or with another key’s, it is refused', async () => {
    const { access_token } = await bound();
    const other = await makeDpopKey();
    expect((await userinfo(access_token, 'Bearer')).status).toBe(401);
    expect((await userinfo(access_token, 'DPoP')).status).toBe(400);
    const foreign = await proofFor(access_token, other);
    expect((await userinfo(access_token, 'DPoP', foreign)).status).toBe(401);
  });

  it('S32: a proof for another token is refused (ath)', async () => {
    const [one, two] = [await bound(), await bound()];
    const proof = await proofFor(two.access_token);
    expect((await userinfo(one.access_token, 'DPoP', proof)).status).toBe(401);
  });

  it.each<[string, (now: number) => Partial<ProofClaims>]>([
    ['another URL', () => ({ htu: 'https://elsewhere.example/token' })],
    ['another method', () => ({ htm: 'GET' })],
    ['an old time', (now) => ({ iat: now - 3_600 })],
    ['a time to come', (now) => ({ iat: now + 3_600 })],
    ['a nonce that is not ours', () => ({ nonce: 'made-up' })],
  ])('S32: a proof with %s is refused', async (_name, change) => {
    const proof = await prove(change(Math.floor(Date.now() / 1000)));
    const answer = await redeem(auth, await start(), { ...client, headers: { dpop: proof } });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(/^(invalid_dpop_proof|use_dpop_nonce)$/);
  });

  it('pitfall 25: a proof is used once over both replicas, however many try at once', async () => {
    const jti = randomUUID();
    const proof = await prove({ jti });
    const codes = await Promise.all(Array.from({ length: 6 }, () => start()));
    const answers = await Promise.all(
      codes.map((signedIn, index) =>
        redeem(auth, signedIn, {
          ...client,
          headers: { dpop: proof },
          replica: index % 2 ? second : auth,
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('a nonce of one replica is good at the other', async () => {
    const first = await redeem(auth, await start(), {
      ...client,
      headers: { dpop: await prove({ nonce: 'made-up' }) },
    });
    const nonce = first.headers.get('dpop-nonce') ?? '';
    expect(nonce).not.toBe('');
    const answer = await redeem(auth, await start(), {
      ...client,
      replica: second,
      headers: { dpop: await prove({ nonce }) },
    });
    expect(answer.status).toBe(200);
  });

  it('a refresh token of a public client is bound too, in the grace as well', async () => {
    const { refresh_token } = await bound();
    const other = await makeDpopKey();
    const by = async (used: DpopKey) =>
      refresh(auth, refresh_token, { ...client, headers: { dpop: await prove({}, used) } });
    expect((await refresh(auth, refresh_token, client)).body.error).toBe('invalid_grant');
    expect((await by(other)).body.error).toBe('invalid_grant');
    expect((await by(key)).status).toBe(200);
    // The immediate predecessor within its ten seconds, without the key.
    expect((await refresh(auth, refresh_token, client)).body.error).toBe('invalid_grant');
    expect((await by(other)).body.error).toBe('invalid_grant');
    expect((await by(key)).status).toBe(200);
  });

  it('a bound signer token names its key, and none of our own APIs takes it as a bearer', async () => {
    const { access_token } = await bound('openid sign:job');
    expect(decodeJwt(access_token).cnf).toMatchObject({ jkt: expect.any(String) });
    const exchanged = await call(`${auth.url}${TOKEN_PATH}`, {
      as: auth.seed.machine,
      form: { grant_type: EXCHANGE, subject_token: access_token, subject_token_type: ACCESS_TOKEN },
    });
    expect(exchanged.body.error).toBe('invalid_grant');
    const usage = (token: string) =>
      call(`${auth.url}/api/v1/user/usage`, { as: `Bearer ${token}` });
    const signer = await redeem(auth, await start('openid sign:job'), client);
    expect((await usage(signer.body.access_token)).status).toBe(200);
    expect((await usage(access_token)).status).toBe(401);
    const form = { token: access_token };
    const seen = await call(`${auth.config.issuer}/token/introspection`, {
      as: auth.seed.machine,
      form,
    });
    expect(seen.body).toMatchObject({ active: true, token_type: 'DPoP' });
  });

  it('a client that must bind its tokens gets no bearer token from any grant', async () => {
    const { db } = auth.deps;
    const { clientId } = auth.seed.machine;
    await db`
      update auth.clients set metadata = '{"dpop_bound_access_tokens": true}' where id = ${clientId}`;
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    await expect
      .poll(async () => {
        const answer = await call(`${auth.url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
        return answer.body.error;
      })
      .toBe('invalid_request');
    await db`update auth.clients set metadata = '{}' where id = ${clientId}`;
  });
});
