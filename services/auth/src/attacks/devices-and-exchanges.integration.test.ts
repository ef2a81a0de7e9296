import { randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RATE_BOUNDS, TOKEN_POINTS } from '../limits.ts';
import { Browser } from '../testing/browser.ts';
import { ACCESS_TOKEN, call, EXCHANGE, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

describe('attacks on devices and exchanges', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth();
  });
  afterAll(() => auth.stop());

  it('S30: whoever is sent a code sees which app asks, from where, and for what', async () => {
    const { user_code } = await begin(auth);
    const browser = new Browser(auth.url);
    const typing = await browser.get('/api/v1/oidc/device');
    expect(typing.text).toContain('Did somebody send you a code? Then stop');
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(typing.text)?.[1] ?? '';
    const page = await browser.post('/api/v1/oidc/device', { xsrf, user_code });
    for (const said of [user_code, '127.0.0.1', 'A television', auth.seed.publicClientId]) {
      expect(page.text).toContain(said);
    }
    expect(page.text).toContain('See your email address');
    expect(page.text).toContain('name="confirm" value="yes"');
  });

  describe('S34: token exchange', () => {
    const forge = (claims: JWTPayload) => {
      const { es256 } = auth.deps.keys();
      const now = Math.floor(Date.now() / 1000);
      const user = auth.seed.users[0]?.id ?? '';
      return new SignJWT({
        iss: auth.config.issuer,
        aud: auth.config.issuer,
        sub: user,
        client_id: auth.seed.app.id,
        azp: auth.seed.machine.clientId,
        usage_subject: user,
        external_user_id: 'alice',
        scope: 'sign:job',
        jti: randomUUID(),
        iat: now,
        exp: now + 600,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: es256.kid })
        .sign(es256.privateKey);
    };
    const exchange = (subject_token: string, form: Record<string, string> = {}) =>
      call(`${auth.url}${TOKEN_PATH}`, {
        as: auth.seed.machine,
        form: {
          grant_type: EXCHANGE,
          subject_token,
          subject_token_type: ACCESS_TOKEN,
          resource: auth.config.issuer,
          ...form,
        },
      });

    it('may_act is held to, however the request is written', async () => {
      const theirs = await forge({ may_act: { sub: 'm2m_somebody_else' } });
      const forms: Record<string, string>[] = [
        {},
        { actor_token: theirs, actor_token_type: ACCESS_TOKEN },
        { requested_token_type: ACCESS_TOKEN },
      ];
      for (const form of forms) expect((await exchange(theirs, form)).status).toBe(400);
      const ours = await forge({ may_act: { sub: auth.seed.machine.clientId } });
      expect((await exchange(ours)).status).toBe(200);
    });

    it('a revoked subject buys nothing', async () => {
      const subject = await forge({});
      expect((await exchange(subject)).status).toBe(200);
      const revoked = await call(`${auth.config.issuer}/token/revocation`, {
        as: auth.seed.machine,
        form: { token: subject },
      });
      expect(revoked.status).toBe(200);
      expect((await exchange(subject)).body.error).toBe('invalid_grant');
    });

    it('a chain of exchanges neither widens nor lives longer', async () => {
      const first = await forge({ exp: Math.floor(Date.now() / 1000) + 100 });
      let token = first;
      for (let round = 0; round < 3; round += 1) {
        const answer = await exchange(token);
        expect([answer.status, answer.body.scope]).toEqual([200, 'sign:job']);
        expect(answer.body.expires_in).toBeLessThanOrEqual(100);
        expect(answer.body).not.toHaveProperty('refresh_token');
        token = answer.body.access_token;
      }
    });
  });
});

describe('S31: a flood of polls of a device', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth({ RATE_LIMIT_FACTOR: '0.1' });
  });
  afterAll(() => auth.stop());

  it('slow_down, then 429 with Retry-After', async () => {
    const { device_code } = await begin(auth);
    const poll = () =>
      call(`${auth.url}${TOKEN_PATH}`, {
        form: { grant_type: DEVICE, device_code, client_id: auth.seed.publicClientId },
      });
    expect((await poll()).body.error).toBe('authorization_pending');
    expect((await poll()).body.error).toBe('slow_down');
    const most = RATE_BOUNDS.token_ip.points / 10 / TOKEN_POINTS.publicSuccess;
    let last = await poll();
    for (let polls = 0; polls < most && last.status === 400; polls += 1) last = await poll();
    expect([last.status, last.body.error]).toEqual([429, 'rate_limited']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

async function begin(auth: TestAuth): Promise<{ device_code: string; user_code: string }> {
  const form = { client_id: auth.seed.publicClientId, scope: 'openid email sign:job' };
  const headers = { 'user-agent': 'A television' };
  return (await call(`${auth.config.issuer}/device/auth`, { form, headers })).body;
}
