import { PmtHouseClient, PmtHouseError } from '@pymthouse/builder-sdk';
import {
  createSignerTokenManager,
  exchangeApiKeyForSigner,
  mintUserSignerToken,
} from '@pymthouse/builder-sdk/signer/server';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_TOKEN, API_KEY, EXCHANGE } from './testing/call-auth.ts';
import { startTestAuth, type TestAuth } from './testing/start-test-auth.ts';

describe('@pymthouse/builder-sdk 0.6.5, unmodified', () => {
  let auth: TestAuth;
  let client: PmtHouseClient;
  beforeAll(async () => {
    auth = await startTestAuth();
    client = clientWith(auth.seed.machine.clientSecret);
  });
  afterAll(() => auth.stop());

  const clientWith = (m2mClientSecret: string) =>
    new PmtHouseClient({
      issuerUrl: auth.config.issuer,
      publicClientId: auth.seed.publicClientId,
      m2mClientId: auth.seed.machine.clientId,
      m2mClientSecret,
      allowInsecureHttp: true,
    });

  it('getDiscovery', async () => {
    const { issuer } = auth.config;
    expect(await client.getDiscovery()).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks` });
  });

  it('upsertAppUser, listAppUsers, deleteAppUser', async () => {
    const created = await client.upsertAppUser({
      externalUserId: 'sdk-1',
      email: 'sdk@example.com',
      status: 'active',
    });
    expect(created).toMatchObject({ clientId: auth.seed.app.id, externalUserId: 'sdk-1' });
    const again = await client.upsertAppUser({ externalUserId: 'sdk-1' });
    expect(again).toEqual(created);
    const { users } = await client.listAppUsers();
    expect(users.map(({ externalUserId }) => externalUserId)).toContain('sdk-1');
    expect(await client.deleteAppUser({ externalUserId: 'sdk-1' })).toEqual({ success: true });
    await expect(client.deleteAppUser({ externalUserId: 'sdk-1' })).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('mintUserAccessToken', async () => {
    const token = await client.mintUserAccessToken({ externalUserId: 'alice', scope: 'sign:job' });
    expect(token).toMatchObject({
      token_type: 'Bearer',
      subject_type: 'app_user',
      scope: 'sign:job',
      refresh_token: expect.any(String),
      expires_in: expect.any(Number),
    });
    await expect(
      client.mintUserAccessToken({ externalUserId: 'alice', scope: 'admin' }),
    ).rejects.toMatchObject({ status: 400, code: 'invalid_scope' });
  });

  it('issueMachineAccessToken, and ADR 0003: a wrong secret is told as such, not as a 500', async () => {
    expect(await client.issueMachineAccessToken()).toMatchObject({ scope: 'sign:job' });
    const failing = clientWith('wrong').issueMachineAccessToken();
    await expect(failing).rejects.toBeInstanceOf(PmtHouseError);
    await expect(failing).rejects.toMatchObject({ status: 401, code: 'invalid_client' });
  });

  it('exchangeForSignerSession, mintUserSignerSessionToken', async () => {
    const { access_token: userJwt } = await client.mintUserAccessToken({ externalUserId: 'alice' });
    const session = await client.exchangeForSignerSession({ userJwt });
    expect(session).toMatchObject({ expires_in: 300, scope: 'sign:job' });
    expect(decodeJwt(session.access_token)).toMatchObject({ external_user_id: 'alice' });
    const minted = await client.mintUserSignerSessionToken({ externalUserId: 'bob' });
    expect(decodeJwt(minted.access_token)).toMatchObject({ external_user_id: 'bob' });
  });

  it('createSignerSessionToken, of a machine', async () => {
    const session = await client.createSignerSessionToken({});
    expect(decodeJwt(session.access_token)).toMatchObject({ usage_subject: 'app' });
  });

  it('mintSignerSessionForExternalUser: an opaque session for a user it provisions', async () => {
    const session = await client.mintSignerSessionForExternalUser({ externalUserId: 'sdk-2' });
    expect(session).toMatchObject({ tokenType: 'Bearer', expiresIn: 7_776_000, scope: 'sign:job' });
    expect(session.accessToken).not.toMatch(/^eyJ/);
  });

  it('exchangeApiKeyForSignerSession, at the issuer and at the facade', async () => {
    const apiKey = auth.seed.apiKey.key;
    for (const options of [{ apiKey }, { apiKey, facadeUrl: auth.url }]) {
      const session = await client.exchangeApiKeyForSignerSession(options);
      expect(session).toMatchObject({ expires_in: 300, signer_url: 'http://127.0.0.1:4002' });
    }
    const direct = await exchangeApiKeyForSigner({ facadeUrl: auth.url, apiKey });
    expect(direct.access_token).toMatch(/^eyJ/);
    await expect(
      exchangeApiKeyForSigner({ facadeUrl: auth.url, apiKey: `${apiKey}x` }),
    ).rejects.toMatchObject({ status: 401, code: 'Unauthorized' });
  });

  it('mintUserSignerToken and the token manager', async () => {
    const { clientId: m2mClientId, clientSecret: m2mClientSecret } = auth.seed.machine;
    const options = {
      issuerUrl: auth.config.issuer,
      publicClientId: auth.seed.publicClientId,
      m2mClientId,
      m2mClientSecret,
      allowInsecureHttp: true,
    };
    const mint = (_publicClientId: string, externalUserId: string) =>
      mintUserSignerToken({ ...options, externalUserId });
    expect(await mint('', 'alice')).toMatchObject({ balanceUsdMicros: '5000000' });
    const manager = createSignerTokenManager({ mint });
    const token = await manager.getToken(auth.seed.publicClientId, 'alice');
    expect(token).toMatchObject({ jwt: expect.stringMatching(/^eyJ/) });
  });

  it('getSignerRouting, getUsage, getUsageBalance', async () => {
    const routing = await client.getSignerRouting();
    expect(routing.routing.signerApiUrl).toBe('http://127.0.0.1:4002');
    await client.getUsage({ groupBy: 'user' });
    const balance = await client.getUsageBalance('alice');
    expect(balance).toMatchObject({ balanceUsdMicros: '5000000', hasAccess: true });
    const { headers } = auth.billing.seen.at(-1) ?? {};
    const [, token = ''] = headers?.authorization?.split(' ') ?? [];
    // Read with the user's own token, which the client minted first.
    expect(decodeJwt(token)).toMatchObject({ scopes: ['user'] });
  });
});

describe('openid-client 6.8.9, unmodified', () => {
  let auth: TestAuth;
  let config: openid.Configuration;
  beforeAll(async () => {
    auth = await startTestAuth();
    const { clientId, clientSecret } = auth.seed.machine;
    config = await discover(clientId, clientSecret);
  });
  afterAll(() => auth.stop());

  const discover = (clientId: string, clientSecret: string) =>
    openid.discovery(
      new URL(auth.config.issuer),
      clientId,
      undefined,
      openid.ClientSecretBasic(clientSecret),
      { execute: [openid.allowInsecureRequests] },
    );

  it('finds the issuer by both well-known forms', async () => {
    expect(config.serverMetadata().issuer).toBe(auth.config.issuer);
    const other = await openid.discovery(
      new URL(auth.config.issuer),
      auth.seed.machine.clientId,
      undefined,
      undefined,
      { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
    );
    expect(other.serverMetadata().token_endpoint).toBe(`${auth.config.issuer}/token`);
  });

  it('client credentials', async () => {
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'sign:job' });
    const jwks = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''));
    const { issuer } = auth.config;
    const verified = await jwtVerify(tokens.access_token, jwks, {
      issuer,
      audience: issuer,
      typ: 'at+jwt',
    });
    expect(verified.payload.scope).toBe('sign:job');
  });

  it('token exchange of a key and of a token', async () => {
    const first = await openid.genericGrantRequest(config, EXCHANGE, {
      subject_token: auth.seed.apiKey.key,
      subject_token_type: API_KEY,
    });
    const second = await openid.genericGrantRequest(config, EXCHANGE, {
      subject_token: first.access_token,
      subject_token_type: ACCESS_TOKEN,
      resource: auth.config.issuer,
    });
    expect(decodeJwt(second.access_token)).toMatchObject({ key_id: auth.seed.apiKey.id });
    expect(second.expiresIn()).toBeLessThanOrEqual(300);
  });

  it('reads refusals', async () => {
    await expect(openid.clientCredentialsGrant(config, { scope: 'admin' })).rejects.toMatchObject({
      error: 'invalid_scope',
      status: 400,
    });
    const wrong = await discover(auth.seed.machine.clientId, 'wrong');
    await expect(openid.clientCredentialsGrant(wrong, { scope: 'sign:job' })).rejects.toMatchObject(
      { error: 'invalid_client', status: 401 },
    );
  });

  it('RFC 7662, RFC 7009: a JWT is introspected and revoked as any token is', async () => {
    const { access_token: token } = await openid.clientCredentialsGrant(config, {
      scope: 'sign:job',
    });
    const seen = await openid.tokenIntrospection(config, token);
    expect(seen).toMatchObject({ active: true, scope: 'sign:job' });
    await openid.tokenRevocation(config, token);
    expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
  });
});
