import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RATE_BOUNDS, TOKEN_POINTS } from '../limits.ts';
import { type Credentials, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { CookieJar } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

describe('S27: limits of the issuer', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth({ RATE_LIMIT_FACTOR: '1', TRUST_PROXY: '1' });
  });
  afterAll(() => auth.stop());

  const from = (ip: string) => ({ 'x-forwarded-for': ip });
  const token = (ip: string, as: Credentials, form: Record<string, string> = {}) =>
    call(`${auth.url}${TOKEN_PATH}`, {
      as,
      headers: from(ip),
      form: { grant_type: 'client_credentials', scope: 'sign:job', ...form },
    });
  const repeat = async (times: number, work: () => Promise<{ status: number }>) => {
    const seen: number[] = [];
    for (let index = 0; index < times; index += 1) seen.push((await work()).status);
    return seen;
  };
  const failuresMax = RATE_BOUNDS.token_ip.points / TOKEN_POINTS.failedClient;

  it('failed clients: so many an address, then 429 with Retry-After, for that address only', async () => {
    const wrong = { ...auth.seed.machine, clientSecret: 'wrong' };
    const seen = await repeat(failuresMax + 1, () => token('203.0.113.1', wrong));
    expect(new Set(seen)).toEqual(new Set([401]));
    const refused = await token('203.0.113.1', auth.seed.machine);
    expect([refused.status, refused.body.error]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    // The client itself is not locked out by somebody who knows its name.
    expect((await token('203.0.113.2', auth.seed.machine)).status).toBe(200);
  });

  it('good requests of a proven client are not counted', async () => {
    const seen = await repeat(60, () => token('203.0.113.3', auth.seed.machine));
    expect(new Set(seen)).toEqual(new Set([200]));
    const rows = await auth.deps.db`
      select 1 from auth.rate_counters where key like '%203.0.113.3%'`;
    expect(rows).toHaveLength(0);
  });

  it('a proven client that guesses tokens is counted by its name, wherever it is', async () => {
    const { clientId } = auth.seed.machine;
    const form = { grant_type: 'refresh_token', refresh_token: 'guess' };
    await token('203.0.113.4', auth.seed.machine, form);
    const [row] = await auth.deps.db`
      select points from auth.rate_counters where key like ${`%token_client:${clientId}`}`;
    expect(row?.points).toBe(TOKEN_POINTS.refused);
    await auth.deps.consumeRate('token_client', clientId, RATE_BOUNDS.token_client.points);
    const refused = await token('203.0.113.5', auth.seed.machine);
    expect([refused.status, refused.body.error]).toEqual([429, 'rate_limited']);
    expect(refused.headers.get('retry-after')).not.toBeNull();
  });

  it('public clients count by address, their guesses more than their successes', async () => {
    const device = () =>
      call(`${auth.config.issuer}/device/auth`, {
        headers: from('203.0.113.6'),
        form: { client_id: auth.seed.publicClientId, scope: 'openid' },
      });
    const answer = await device();
    expect(answer.status).toBe(200);
    const remaining = Number(answer.headers.get('ratelimit-remaining'));
    expect(remaining).toBe(RATE_BOUNDS.token_ip.points - TOKEN_POINTS.publicSuccess);
  });

  it('pitfall 9: after ten wrong user codes the door closes for that address', async () => {
    const jar = new CookieJar();
    const page = await call(`${auth.config.issuer}/device`, { headers: from('203.0.113.7') });
    jar.keep(page.headers);
    const xsrfOf = (text: string) => /name="xsrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    let xsrf = xsrfOf(page.text);
    const guess = async () => {
      const answer = await call(`${auth.config.issuer}/device`, {
        headers: { ...from('203.0.113.7'), cookie: jar.header },
        form: { xsrf, user_code: 'BCDF-GHJK' },
      });
      jar.keep(answer.headers);
      xsrf = xsrfOf(answer.text);
      return answer;
    };
    const seen = await repeat(RATE_BOUNDS.user_code_ip.points, guess);
    expect(new Set(seen)).toEqual(new Set([200]));
    expect((await guess()).status).toBe(429);
    const closed = await guess();
    expect([closed.status, closed.body.error]).toEqual([429, 'rate_limited']);
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
