import { once } from 'node:events';
import { createServer, type Server, request as sendRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { waitFor } from '@clearinghouse/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { rotateClientSecret } from '../clients/rotate-client-secret.ts';
import { basic, call, TOKEN_PATH } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';

/** Different each time, whichever way a request went. */
const OF_THE_MOMENT = ['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset'];
const RUNS = 150;

describe('tokens for backends, answered directly and by the issuer’s library', () => {
  let auth: TestAuth;
  let longWay: Server;
  let longUrl: string;
  beforeAll(async () => {
    // Mistakes count; here they are made on purpose, by one address.
    auth = await startTestAuth({ RATE_LIMIT_FACTOR: '10000' });
    // A process that never remembers a client never answers directly.
    longWay = createServer(
      createApp({ ...auth.deps, readyChecks: {}, peekClient: () => undefined }),
    );
    await new Promise<void>((resolve) => longWay.listen(0, '127.0.0.1', resolve));
    longUrl = `http://127.0.0.1:${(longWay.address() as AddressInfo).port}`;
    await remember();
  });
  afterAll(async () => {
    longWay.close();
    await auth.stop();
  });

  const remember = async () => {
    await auth.deps.findClient(auth.seed.machine.clientId);
    await auth.deps.findClient(auth.seed.admin.clientId);
  };
  const machine = () => basic(auth.seed.machine);
  const both = async (ask: Ask) => {
    await remember();
    const host = new URL(auth.url).host;
    return { direct: await post(auth.url, host, ask), long: await post(longUrl, host, ask) };
  };

  it.each([
    ['a signer token', 'scope=sign%3Ajob'],
    ['a management token', 'scope=users:read+usage:read'],
    ['with a resource', 'scope=sign:job&resource=ISSUER'],
    ['with an audience', 'audience=ISSUER&scope=sign:job'],
    ['for another resource', 'scope=sign:job&resource=https://other.example'],
    ['of a scope that it has not', 'scope=admin'],
    ['for a user', 'scope=sign:mint_user_token&external_user_id=nobody'],
    ['without a scope', ''],
  ])('%s: the same answer', async (_name, form) => {
    const body = `grant_type=client_credentials&${form.replace('ISSUER', encodeURIComponent(auth.config.issuer))}`;
    const { direct, long } = await both({ headers: { authorization: machine() }, body });
    expect(direct).toEqual(long);
  });

  it('the library is asked for what is out of the ordinary, and for nothing else', async () => {
    const middleware = async (ctx: { status: number }) => {
      ctx.status = 418;
    };
    const issuerParts = { ...auth.deps.issuerParts, middleware };
    const app = createServer(createApp({ ...auth.deps, readyChecks: {}, issuerParts }));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const status = async (body: string, headers = { authorization: machine() }) => {
      await remember();
      return (await post(url, new URL(auth.url).host, { headers, body })).status;
    };
    const good = 'grant_type=client_credentials&scope=sign:job';
    expect(await status(good)).toBe(200);
    for (const other of [`${good}&unknown=1`, 'scope=sign:job', `${good}:x`]) {
      expect(await status(other)).toBe(418);
    }
    const wrong = { ...auth.seed.machine, clientSecret: `${auth.seed.machine.clientSecret}x` };
    expect(await status(good, { authorization: basic(wrong) })).toBe(418);
    auth.deps.clients.forget();
    const unknown = { headers: { authorization: machine() }, body: good };
    expect((await post(url, new URL(auth.url).host, unknown)).status).toBe(418);
    app.close();
  });

  it('no request is answered in another way than by the library', async () => {
    const { clientId, clientSecret } = auth.seed.machine;
    const pair = fc.constantFrom(
      `${clientId}:${clientSecret}`,
      `${clientId}:${clientSecret}x`,
      `${clientId}:${encodeURIComponent(clientSecret)}`,
      `m2m_${'0'.repeat(24)}:${clientSecret}`,
      `${auth.seed.publicClientId}:`,
      clientId,
    );
    const scheme = fc.constantFrom('Basic ', 'basic ', 'Bearer ', 'Basic  ');
    const param = fc.constantFrom(
      'grant_type=client_credentials',
      'scope=sign:job',
      'scope=users:read+usage:read',
      'scope=sign%3Ajob%20sign%3Ajob',
      'scope=%00',
      'scope',
      'resource=urn%3Ax',
      `audience=${encodeURIComponent(auth.config.issuer)}`,
      `client_id=${clientId}`,
      `client_secret=${clientSecret}`,
      'unknown=1',
      '',
      '%',
    );
    const extra = fc.constantFrom<Record<string, string>>(
      {},
      { origin: 'https://app.example' },
      { dpop: 'none' },
      { 'x-forwarded-for': '203.0.113.7' },
      { 'content-type': 'application/json' },
      { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    );
    const params = fc.oneof(
      { weight: 3, arbitrary: fc.constant(['grant_type=client_credentials', 'scope=sign:job']) },
      { weight: 2, arbitrary: fc.array(param, { maxLength: 4 }) },
    );
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(pair, scheme, params, extra, async (who, how, form, more) => {
        const authorization = `${how}${Buffer.from(who).toString('base64')}`;
        const ask = { headers: { authorization, ...more }, body: form.join('&') };
        const { direct, long } = await both(ask);
        expect(direct).toEqual(long);
        statuses.add(direct.status);
      }),
      { numRuns: RUNS },
    );
    expect([...statuses].sort()).toEqual([200, 400, 401]);
  }, 120_000);

  it('bodies in pieces, several requests behind each other, and one that is broken off', async () => {
    const body = 'grant_type=client_credentials&scope=sign:job';
    const head = (connection: string) =>
      [
        `POST ${TOKEN_PATH} HTTP/1.1`,
        `Host: ${new URL(auth.url).host}`,
        `Authorization: ${machine()}`,
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        `Connection: ${connection}`,
        '\r\n',
      ].join('\r\n');
    const whole = `${head('keep-alive')}${body}`;
    await remember();
    const broken = connect(Number(new URL(auth.url).port), '127.0.0.1');
    broken.write(whole.slice(0, -5));
    broken.end();
    expect(await textOf(broken)).not.toContain('access_token');
    const socket = connect(Number(new URL(auth.url).port), '127.0.0.1');
    socket.setNoDelay(true);
    for (const piece of [
      whole,
      whole.slice(0, -20),
      whole.slice(-20),
      head('keep-alive'),
      `${body}${whole}${whole}`,
      `${head('close')}${body}`,
    ]) {
      await new Promise((resolve) => socket.write(piece, resolve));
    }
    const answers = await textOf(socket);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(6);
    expect(answers.match(/"access_token"/g)).toHaveLength(6);
  });

  it('a client’s new secret, and its end, hold at once', async () => {
    const { clientId } = auth.seed.machine;
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    const status = async (as: { clientId: string; clientSecret: string }) =>
      (await call(`${auth.url}${TOKEN_PATH}`, { as, form })).status;
    await remember();
    const by = { actor: clientId, mayGive: [], overlapSec: 0 };
    const rotated = await rotateClientSecret(auth.deps, {
      clientId,
      appId: auth.seed.app.id,
      ...by,
    });
    if (!rotated.ok) throw new Error(rotated.code);
    const next = { clientId, clientSecret: rotated.value.clientSecret };
    expect([await status(auth.seed.machine), await status(next)]).toEqual([401, 200]);
    await auth.deps.db`update auth.clients set status = 'suspended' where id = ${clientId}`;
    // By another hand than this process's: it hears of it by the database's notice.
    expect(await waitFor(async () => (await status(next)) === 401)).toBe(true);
  });
});

type Ask = { readonly headers: Record<string, string>; readonly body: string };

/** Sends a form under a host name, and tells what the answer was but for what is of the moment. */
async function post(url: string, host: string, { headers, body }: Ask) {
  const type = 'application/x-www-form-urlencoded';
  const sent = sendRequest(`${url}${TOKEN_PATH}`, {
    method: 'POST',
    headers: { host, 'content-type': type, 'content-length': body.length, ...headers },
  });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  const text = await textOf(answer);
  const kept = Object.entries(answer.headers).filter(([name]) => !OF_THE_MOMENT.includes(name));
  const { statusCode: status } = answer;
  return { status: status as number, headers: Object.fromEntries(kept), body: withoutMoment(text) };
}

/** A token by its claims, without those that no two tokens have in common. */
function withoutMoment(text: string): unknown {
  if (!text.startsWith('{')) return text;
  const { access_token: token, ...rest } = JSON.parse(text);
  if (typeof token !== 'string') return rest;
  const [header, claims] = token
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const { jti, iat, exp, ...others } = claims;
  expect(jti).toMatch(/^[0-9a-f-]{36}$/);
  return { ...rest, header, claims: { ...others, life: exp - iat } };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
