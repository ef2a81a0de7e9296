import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSealer } from './secrets/sealer.ts';
import { ensureSigningKeys, loadKeyRing } from './signing-keys/load-key-ring.ts';
import { rotateSigningKeys } from './signing-keys/rotate-signing-keys.ts';
import { API_KEY, call, EXCHANGE, TOKEN_PATH } from './testing/call-auth.ts';
import { startTestAuth, type TestAuth, type TestReplica } from './testing/start-test-auth.ts';

describe('two replicas of one installation', () => {
  let auth: TestAuth;
  let second: TestReplica;
  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
  });
  afterAll(() => auth.stop());

  const token = async (url: string, scope = 'users:read') => {
    const form = { grant_type: 'client_credentials', scope };
    const { body } = await call(`${url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
    return String(body.access_token);
  };
  const users = (url: string, bearer: string) =>
    call(`${url}/api/v1/apps/${auth.seed.app.id}/users`, { as: `Bearer ${bearer}` });
  const kids = async (url: string) => {
    const { body } = await call(`${url}/api/v1/oidc/jwks`);
    return body.keys.map(({ kid }: { kid: string }) => kid) as string[];
  };

  const publishedLongAgo = () =>
    auth.deps.db`update auth.signing_keys set created_at = created_at - interval '1 day'`;

  it('publish the same keys and take each other’s tokens', async () => {
    expect(await kids(second.url)).toEqual(await kids(auth.url));
    expect((await users(second.url, await token(auth.url))).status).toBe(200);
    expect((await users(auth.url, await token(second.url))).status).toBe(200);
  });

  it('make the keys once, however many start at the same time', async () => {
    const { db, sealer } = auth.deps;
    const before = await db`select 1 from auth.signing_keys`;
    await Promise.all(Array.from({ length: 8 }, () => ensureSigningKeys({ db, sealer })));
    expect(await db`select 1 from auth.signing_keys`).toHaveLength(before.length);
  });

  it('follow a rotation without a restart; older tokens stay good', async () => {
    const old = await token(auth.url);
    const published = await kids(auth.url);
    await publishedLongAgo();
    await rotateSigningKeys(auth.deps, { alg: 'ES256', actor: 'test' });
    await Promise.all([auth.deps.issuerParts.reload(), second.deps.issuerParts.reload()]);
    for (const url of [auth.url, second.url]) {
      const fresh = await token(url);
      const { kid } = decodeProtectedHeader(fresh);
      expect(kid).not.toBe(decodeProtectedHeader(old).kid);
      // The new key had been published before it signed.
      expect(published).toContain(kid);
      expect((await users(url, old)).status).toBe(200);
      expect((await users(url, fresh)).status).toBe(200);
    }
  });

  it('hear of a rotation by notice', async () => {
    const before = second.deps.issuerParts.version();
    await publishedLongAgo();
    await rotateSigningKeys(auth.deps, { alg: 'RS256', actor: 'test' });
    await expect
      .poll(() => second.deps.issuerParts.version(), { timeout: 10_000 })
      .toBeGreaterThan(before);
  });

  it('S44: what one revokes the other refuses by the next request', async () => {
    const exchange = (url: string) =>
      call(`${url}${TOKEN_PATH}`, {
        as: auth.seed.machine,
        form: {
          grant_type: EXCHANGE,
          subject_token: auth.seed.apiKey.key,
          subject_token_type: API_KEY,
        },
      });
    expect((await exchange(second.url)).status).toBe(200);
    const path = `/api/v1/apps/${auth.seed.app.id}/keys/${auth.seed.apiKey.id}`;
    await call(`${auth.url}${path}`, { method: 'DELETE', as: auth.seed.machine });
    expect((await exchange(second.url)).body.error).toBe('invalid_grant');
  });

  it('a database sealed with another key refuses to start, and says which variable', async () => {
    const sealer = createSealer(Buffer.alloc(32, 9));
    await expect(loadKeyRing({ db: auth.deps.db, sealer })).rejects.toThrow('KEY_ENCRYPTION_KEY');
  });
});
