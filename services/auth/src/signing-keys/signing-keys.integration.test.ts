import { randomBytes } from 'node:crypto';
import { createLog } from '@clearinghouse/shared';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { createSealer } from '../secrets/sealer.ts';
import { call, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { keepSigningKeys } from './keep-signing-keys.ts';
import { loadKeyRing } from './load-key-ring.ts';
import { resealSecrets } from './reseal-secrets.ts';
import { rotateDueKeys, rotateSigningKeys } from './rotate-signing-keys.ts';

const DAY_SEC = 86_400;

describe('signing keys: next, active, retired, gone', () => {
  let auth: TestAuth;
  let second: TestReplica;
  const kek = randomBytes(32).toString('hex');

  beforeAll(async () => {
    auth = await startTestAuth({ KEY_ENCRYPTION_KEY: kek });
    second = await auth.startReplica();
  });
  beforeEach(() => passTime(LIMITS.nextKeyPublishedSec));
  afterAll(() => auth.stop());

  /** Makes every key older. */
  const passTime = (sec: number) => auth.deps.db`
    update auth.signing_keys set created_at = created_at - make_interval(secs => ${sec}),
      activated_at = activated_at - make_interval(secs => ${sec}),
      retired_at = retired_at - make_interval(secs => ${sec})`;
  const statuses = async (alg = 'ES256') => {
    const rows = await auth.deps.db<{ kid: string; status: string }[]>`
      select kid, status from auth.signing_keys where alg = ${alg} order by created_at`;
    return rows;
  };
  const reload = () => Promise.all([auth, second].map(({ deps }) => deps.issuerParts.reload()));
  const published = async (url = auth.url) =>
    (await call(`${url}/api/v1/oidc/jwks`)).body as { keys: { kid: string }[] };
  const token = async (url = auth.url) => {
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    const { body } = await call(`${url}${TOKEN_PATH}`, { as: auth.seed.machine, form });
    return body.access_token as string;
  };
  const rotate = (isCompromised = false) =>
    rotateSigningKeys(auth.deps, { alg: 'ES256', actor: 'test', isCompromised });

  it('a key is published before it signs, and after it has signed', async () => {
    const [before] = (await statuses()).filter(({ status }) => status === 'active');
    const [next] = (await statuses()).filter(({ status }) => status === 'next');
    expect((await published()).keys.map(({ kid }) => kid)).toContain(next?.kid);
    await rotate();
    await reload();
    const fresh = await token();
    expect(decodeProtectedHeader(fresh).kid).toBe(next?.kid);
    expect((await published()).keys.map(({ kid }) => kid)).toContain(before?.kid);
  });

  it('a verifier that read the keys before a rotation verifies tokens after it', async () => {
    const cached = createLocalJWKSet((await published()) as never);
    const old = await token();
    await rotate();
    await reload();
    for (const url of [auth.url, second.url]) {
      await expect(jwtVerify(await token(url), cached)).resolves.toBeDefined();
    }
    const now = createRemoteJWKSet(new URL(`${auth.config.issuer}/jwks`));
    await expect(jwtVerify(old, now)).resolves.toBeDefined();
  });

  it('a next key that caches may not know yet does not sign', async () => {
    await rotate();
    expect(await rotate()).toMatchObject({ ok: false, code: 'conflict' });
    await passTime(LIMITS.nextKeyPublishedSec);
    await rotate();
  });

  it('a compromised key is forgotten at once, with its private half and its tokens', async () => {
    const [active] = (await statuses()).filter(({ status }) => status === 'active');
    const old = await token();
    await rotate(true);
    await reload();
    expect((await published()).keys.map(({ kid }) => kid)).not.toContain(active?.kid);
    const [row] = await auth.deps.db`
      select status, private_sealed from auth.signing_keys where kid = ${active?.kid ?? ''}`;
    expect(row).toEqual({ status: 'gone', private_sealed: null });
    const seen = await call(`${auth.config.issuer}/token/introspection`, {
      as: auth.seed.machine,
      form: { token: old },
    });
    expect(seen.body).toEqual({ active: false });
  });

  it('whoever has another key encryption key rotates nothing', async () => {
    const before = await statuses();
    const sealer = createSealer(randomBytes(32));
    const input = { alg: 'ES256', actor: 'test' } as const;
    const foreign = rotateSigningKeys({ ...auth.deps, sealer }, input);
    await expect(foreign).rejects.toThrow('KEY_ENCRYPTION_KEY');
    expect(await statuses()).toEqual(before);
    await reload();
  });

  it('a key that is made while the key encryption key changes opens on every replica', async () => {
    const mine = Buffer.from(kek, 'hex');
    const ahead = createSealer([randomBytes(32), mine]);
    await rotateSigningKeys({ ...auth.deps, sealer: ahead }, { alg: 'ES256', actor: 'test' });
    await expect(
      loadKeyRing({ db: auth.deps.db, sealer: createSealer(mine) }),
    ).resolves.toBeDefined();
    await reload();
  });

  it('pitfall 28: replicas that start at once sign with the same key', async () => {
    const third = await auth.startReplica();
    const kids = await Promise.all(
      [auth.url, second.url, third.url].map(
        async (url) => decodeProtectedHeader(await token(url)).kid,
      ),
    );
    expect(new Set(kids).size).toBe(1);
  });

  it('by schedule: old enough keys rotate once, whichever replica comes first', async () => {
    const maxAgeSec = 30 * DAY_SEC;
    expect(await rotateDueKeys(auth.deps, { maxAgeSec })).toEqual([]);
    await passTime(maxAgeSec);
    const done = await Promise.all([
      rotateDueKeys(auth.deps, { maxAgeSec }),
      rotateDueKeys(second.deps, { maxAgeSec }),
    ]);
    expect(done.flat().sort()).toEqual(['ES256', 'RS256']);
  });

  it('retired keys go when nothing they signed is of use any more', async () => {
    await rotate();
    await passTime(LIMITS.retiredKeySec + 1);
    const log = createLog({ service: 'test', level: 'silent' });
    await keepSigningKeys({ ...auth.deps, log }, { rotateDays: 0 });
    expect((await statuses()).map(({ status }) => status)).not.toContain('retired');
  });

  it('a request on the way finishes while keys are swapped under load', async () => {
    const wave = Array.from({ length: 40 }, (_, index) => token(index % 2 ? auth.url : second.url));
    await rotate();
    await reload();
    const jwks = createRemoteJWKSet(new URL(`${auth.config.issuer}/jwks`));
    for (const each of await Promise.all(wave)) {
      await expect(jwtVerify(each, jwks)).resolves.toBeDefined();
    }
  });
});

describe('the key encryption key itself rotates', () => {
  let auth: TestAuth;
  const [older, newer] = [randomBytes(32), randomBytes(32)];

  beforeAll(async () => {
    auth = await startTestAuth({ KEY_ENCRYPTION_KEY: older.toString('hex') });
    const { sealer } = auth.deps;
    const sealed = sealer.seal('{"jti":"s"}', 'Session');
    await auth.deps.db`
      insert into auth.oidc_artifacts (model, id_hash, payload, sealed, expires_at)
      select 'Session', sha256(n::text::bytea), '{}', ${sealed}, now() + interval '1 hour'
      from generate_series(1, ${LIMITS.resealBatch + 5}) n`;
  });
  afterAll(() => auth.stop());

  it('several keys open, the first one seals, and what the old one sealed is sealed again', async () => {
    const { db } = auth.deps;
    const both = createSealer([newer, older]);
    await expect(loadKeyRing({ db, sealer: createSealer(newer) })).rejects.toThrow(
      'KEY_ENCRYPTION_KEY',
    );
    await expect(loadKeyRing({ db, sealer: both })).resolves.toBeDefined();
    const resealed = await resealSecrets({ db, sealer: both });
    expect(resealed).toBe(4 + LIMITS.resealBatch + 5);
    expect(await resealSecrets({ db, sealer: both })).toBe(0);
    await expect(loadKeyRing({ db, sealer: createSealer(newer) })).resolves.toBeDefined();
    await expect(loadKeyRing({ db, sealer: createSealer(older) })).rejects.toThrow();
  });

  it('two at the same time do not undo each other', async () => {
    const { db } = auth.deps;
    const third = createSealer([randomBytes(32), newer]);
    await Promise.all([resealSecrets({ db, sealer: third }), resealSecrets({ db, sealer: third })]);
    await expect(loadKeyRing({ db, sealer: third })).resolves.toBeDefined();
    const rows = await db<{ sealed: Buffer }[]>`
      select sealed from auth.oidc_artifacts where model = 'Session'`;
    expect(rows.every(({ sealed }) => third.isCurrent(sealed, 'Session'))).toBe(true);
  });

  it('a replica with the new configuration starts and serves', async () => {
    const extra = {
      KEY_ENCRYPTION_KEY: '',
      KEY_ENCRYPTION_KEYS: [randomBytes(32), newer, older].map((key) => key.toString('hex')).join(),
    };
    // The rows of the test before are under a key that only it has.
    await auth.deps.db`delete from auth.oidc_artifacts`;
    await auth.deps.db`
      update auth.signing_keys set status = 'gone', private_sealed = null`;
    const replica = await auth.startReplica(extra);
    expect((await call(`${replica.url}/healthz`)).status).toBe(200);
  });
});
