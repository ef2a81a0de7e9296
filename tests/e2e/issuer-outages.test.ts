import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectSuperuser } from '@clearinghouse/embedded';
import { environmentOf } from '@clearinghouse/stack';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillForm, findForm } from '../../scripts/conformance/agent/page-forms.ts';
import {
  askForTokens,
  authorizationUrl,
  authorize,
  codeIn,
  redeem,
  signIn,
  tokensIn,
} from '../../scripts/conformance/agent/relying-party.ts';
import { signInAt } from '../../scripts/conformance/agent/sign-in.ts';
import { UserAgent } from '../../scripts/conformance/agent/user-agent.ts';
import { openSuite, type Suite } from '../../scripts/conformance/suite.ts';
import { askRedis } from '../../scripts/drill/ask-redis.ts';
import { type IssuerCluster, startIssuerCluster } from './fixture/start-issuer-cluster.ts';

const run = promisify(execFile);
const GONE_MS = 10_000;
const ANSWERS_MIN = 5;
const CALLERS = 8;
const ROTATIONS = 3;
const TOKENS_BETWEEN = 60;

describe('what breaks around two processes of auth', () => {
  let cluster: IssuerCluster;
  let suite: Suite;
  beforeAll(async () => {
    cluster = await startIssuerCluster(['auth-1', 'auth-2']);
    suite = await openSuite({ ...cluster, url: `${cluster.origin}/api/v1/oidc` }, 0);
  });
  afterAll(() => cluster?.stop());

  const offline = { scope: 'openid offline_access', prompt: 'consent' };
  const refresh = (token = '') =>
    askForTokens(suite, { grant_type: 'refresh_token', refresh_token: token });
  /** No question is asked: the browser's session stands. */
  const isSignedIn = async (agent: UserAgent) =>
    (await authorize(suite, { prompt: 'none' }, agent)).response.get('error') === null;

  it('a process that is killed in the middle of a login: the login ends at the other', async () => {
    await cluster.serveBy('auth-1');
    const agent = new UserAgent();
    const page = await agent.get(authorizationUrl(suite, { scope: 'openid profile' }));
    const form = fillForm(findForm(page, '/password'), cluster.person);
    await cluster.kill('auth-1');
    await cluster.serveBy('auth-2');
    const consent = await agent.submit(form);
    await cluster.start('auth-1');
    await cluster.serveBy('auth-1', 'auth-2');
    const { end, asked } = await signInAt(agent, consent, cluster.person);
    expect(asked).toEqual(['consent']);
    const code = codeIn(suite, end.left?.searchParams ?? new URLSearchParams());
    const { claims } = await tokensIn(suite, await redeem(suite, code));
    expect(claims.name).toBe('Ada Lovelace');
  });

  it('pitfall 23: an emptied Redis: nobody is logged out, and a login on the way goes on', async () => {
    const agent = new UserAgent();
    const { refreshToken } = await signIn(suite, offline, agent);
    const other = new UserAgent();
    const page = await other.get(authorizationUrl(suite, { scope: 'openid profile' }));
    await askRedis(cluster.redis.port, 'FLUSHALL');
    expect(await isSignedIn(agent)).toBe(true);
    expect((await refresh(refreshToken)).status).toBe(200);
    const { end } = await signInAt(other, page, cluster.person);
    expect(end.left?.searchParams.get('code')).toBeTruthy();
  });

  it('a Redis that is gone: people sign in, and stay signed in', async () => {
    const agent = new UserAgent();
    const { refreshToken } = await signIn(suite, offline, agent);
    await cluster.redis.kill();
    expect(await isSignedIn(agent)).toBe(true);
    expect((await refresh(refreshToken)).status).toBe(200);
    expect((await signIn(suite)).claims.sub).toMatch(/^usr_/);
    await cluster.redis.restart();
  });

  it(`Postgres gone for ${GONE_MS / 1000} s: 503 with Retry-After, then all is well again`, async () => {
    const agent = new UserAgent();
    const { refreshToken, accessToken } = await signIn(suite, offline, agent);
    const me = () =>
      fetch(suite.metadata.userinfo_endpoint, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
    const token = () =>
      fetch(suite.metadata.token_endpoint, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'web_unknown' }),
      });
    const page = () => fetch(authorizationUrl(suite), { redirect: 'manual' });
    await cluster.postgres.shut();
    const untilMs = Date.now() + GONE_MS;
    const seen: string[] = [];
    while (Date.now() < untilMs) {
      for (const ask of [me, token, page]) {
        const response = await ask();
        seen.push(`${response.status} ${response.headers.get('retry-after')}`);
        await response.arrayBuffer();
      }
    }
    expect(new Set(seen)).toEqual(new Set(['503 1']));
    // Whoever waits for the database waits a second or so, not the driver's twenty.
    expect(seen.length).toBeGreaterThan(ANSWERS_MIN);
    await cluster.postgres.open();
    await expect.poll(async () => (await me()).status, { timeout: 20_000 }).toBe(200);
    expect((await refresh(refreshToken)).status).toBe(200);
    expect(await isSignedIn(agent)).toBe(true);
  });

  describe('signing keys that rotate under load', () => {
    const rotate = async () => {
      const sql = connectSuperuser(cluster.database.superuserUrl);
      // Only time makes a next key old enough to sign.
      await sql`update auth.signing_keys set created_at = created_at - interval '1 day'`;
      await sql.end();
      const env = environmentOf('auth', cluster.options, { name: 'admin', port: 1 });
      const cli = join(cluster.options.root, 'services/auth/src/admin-cli.ts');
      await run(process.execPath, [cli, 'rotate-keys', 'ES256'], { env });
    };

    it('no request fails, and every token verifies with the keys that a verifier has', async () => {
      // As verifiers do: the set is kept, and asked for again at an unknown key at most so often.
      const keys = createRemoteJWKSet(new URL(suite.metadata.jwks_uri), { cooldownDuration: 0 });
      const { m2mClientId, m2mClientSecret } = cluster.seeded.app;
      const basic = Buffer.from(`${m2mClientId}:${m2mClientSecret}`).toString('base64');
      const kids = new Set<string>();
      const failed: unknown[] = [];
      let issued = 0;
      let isOver = false;
      const load = async () => {
        while (!isOver) {
          const response = await fetch(suite.metadata.token_endpoint, {
            method: 'POST',
            headers: { authorization: `Basic ${basic}`, connection: 'close' },
            body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'sign:job' }),
          });
          const { access_token: token } = (await response.json()) as { access_token: string };
          if (response.status !== 200) failed.push(response.status);
          else {
            kids.add(decodeProtectedHeader(token).kid ?? '');
            await jwtVerify(token, keys).catch((error: unknown) => failed.push(error));
          }
          issued += 1;
        }
      };
      const callers = Array.from({ length: CALLERS }, load);
      try {
        for (let turn = 0; turn < ROTATIONS; turn += 1) {
          const from = issued;
          const more = () => issued - from;
          await expect.poll(more, { timeout: 30_000 }).toBeGreaterThan(TOKENS_BETWEEN);
          await rotate();
          await expect.poll(() => kids.size, { timeout: 30_000 }).toBe(turn + 2);
        }
      } finally {
        isOver = true;
        await Promise.all(callers);
      }
      expect(failed).toEqual([]);
      expect(kids.size).toBe(ROTATIONS + 1);
    });
  });

  // The last one: afterwards nothing that knows the first key alone can read.
  it('the key encryption key rotates, a process at a time: nobody is signed out', async () => {
    const agent = new UserAgent();
    const { refreshToken } = await signIn(suite, offline, agent);
    let token = refreshToken;
    const old = cluster.options.secrets.keyEncryptionKey;
    const next = randomBytes(32).toString('hex');
    const restart = async (name: string, keys: string) => {
      await cluster.kill(name);
      await cluster.serveBy(name === 'auth-1' ? 'auth-2' : 'auth-1');
      await cluster.start(name, { KEY_ENCRYPTION_KEY: '', KEY_ENCRYPTION_KEYS: keys });
      // What one process seals the other opens, in the middle of it too.
      for (const serving of ['auth-1', 'auth-2']) {
        await cluster.serveBy(serving);
        expect(await isSignedIn(agent), `${serving}: ${name} restarted`).toBe(true);
        const answer = await refresh(token);
        expect(answer.status, `${serving}: ${name} restarted`).toBe(200);
        token = String(answer.body.refresh_token);
        await signIn(suite);
      }
    };
    const sealedAgain = () =>
      readFileSync(join(cluster.dataDir, 'logs', 'auth-2.log'), 'utf8').includes('sealed again');
    // Both open the new one before any process seals with it.
    for (const name of ['auth-1', 'auth-2']) await restart(name, `${old},${next}`);
    for (const name of ['auth-1', 'auth-2']) await restart(name, `${next},${old}`);
    await expect.poll(sealedAgain, { timeout: 20_000 }).toBe(true);
    for (const name of ['auth-1', 'auth-2']) await restart(name, next);
    await cluster.serveBy('auth-1', 'auth-2');
  });
});
