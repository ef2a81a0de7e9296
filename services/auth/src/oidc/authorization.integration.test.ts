import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const REDIRECT = 'https://client.example/cb';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

describe('the authorization endpoint', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth();
    const { db } = auth.deps;
    await db`
      update auth.clients set metadata = ${db.json({ redirect_uris: [REDIRECT] })}
      where id = ${auth.seed.publicClientId}`;
  });
  afterAll(() => auth.stop());

  const authorize = (changed: Record<string, string | undefined>) => {
    const params = {
      client_id: auth.seed.publicClientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: REDIRECT,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      state: 's',
      ...changed,
    };
    const given = Object.entries(params).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(given as [string, string][]);
    return call(`${auth.config.issuer}/auth?${query}`);
  };

  it('hands a good request to the interaction, under a signed cookie of its own path', async () => {
    const answer = await authorize({});
    expect(answer.status).toBe(303);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^\/interaction\/|^http:\/\/127\.0\.0\.1:\d+\/interaction\//);
    const cookies = answer.headers.getSetCookie();
    const interaction = cookies.find((cookie) => cookie.startsWith('ch_interaction='));
    expect(interaction).toMatch(/path=\/interaction\/.*samesite=lax.*httponly/i);
    expect(cookies.some((cookie) => cookie.startsWith('ch_interaction.sig='))).toBe(true);
  });

  it.each([
    ['a path below', `${REDIRECT}/../x`],
    ['a query', `${REDIRECT}?x=1`],
    ['another case', 'https://client.example/CB'],
    ['user information', 'https://client.example@evil.example/cb'],
    ['a fragment', `${REDIRECT}#x`],
    ['a script', 'javascript:alert(1)'],
    ['an encoded slash', 'https://client.example/%2f../cb'],
    ['another host', 'https://evil.example/cb'],
    ['http', 'http://client.example/cb'],
    ['a trailing dot', 'https://client.example./cb'],
    ['a port', 'https://client.example:8443/cb'],
  ])('S4: a redirect URI with %s is 400 without a Location', async (_name, redirect) => {
    const answer = await authorize({ redirect_uri: redirect });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });

  it('S5: a redirect URI that is left out is 400, even when only one is registered', async () => {
    const answer = await authorize({ redirect_uri: undefined });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    [
      'no challenge',
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
    ],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a token from the front channel', { response_type: 'token' }, 'unsupported_response_type'],
    ['a hybrid', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    [
      'a request object elsewhere',
      { request_uri: 'http://169.254.169.254/' },
      'request_uri_not_supported',
    ],
    ['the management API as resource', { resource: 'self' }, 'invalid_target'],
  ])('refuses %s, at the registered address', async (_name, changed, error) => {
    const resource = 'resource' in changed ? auth.config.managementAudience : undefined;
    const answer = await authorize({ ...changed, ...(resource ? { resource } : {}) });
    const location = new URL(answer.headers.get('location') ?? '', 'https://none.example');
    expect(`${location.origin}${location.pathname}`).toBe(REDIRECT);
    const params = new URLSearchParams(location.search || location.hash.slice(1));
    expect(params.get('error')).toBe(error);
    expect(params.get('iss')).toBe(auth.config.issuer);
  });

  it('S24: the error page escapes what it shows and runs nothing', async () => {
    const answer = await call(
      `${auth.config.issuer}/auth?client_id=${encodeURIComponent('<script>alert(1)</script>')}`,
      { headers: { accept: 'text/html' } },
    );
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('<script');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});
