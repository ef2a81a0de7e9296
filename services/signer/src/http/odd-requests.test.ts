import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bodyOf, type Pose } from '../protocol/fixtures/pose-payment.ts';
import { CREDENTIAL, startSurface, type TestSurface } from '../protocol/fixtures/start-surface.ts';

/**
 * Payments under their bare path are answered on node:http itself, everything else, payments under
 * another spelling of the path too, by the framework. Nobody may see a difference.
 */
const BARE = '/generate-live-payment';
const SPELLINGS = [`${BARE}?`, `${BARE}?a=b`, `http://signer.example${BARE}`];
const AUTHORIZATION = `Authorization: Bearer ${CREDENTIAL}`;

let surface: TestSurface;
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => surface.reset());

/** Sends these bytes as they are; gives all that came until the other side closed. */
function raw(...parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(surface.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that answers and closes while we still write resets the connection.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    for (const part of parts) socket.write(part);
  });
}

type Written = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly version?: string;
};

/** A request that closes its connection behind it. */
function write({ method = 'POST', path = BARE, headers, body = '{}', version = '1.1' }: Written) {
  const lines = headers ?? [AUTHORIZATION, `Content-Length: ${Buffer.byteLength(body)}`];
  const all = ['Host: signer.example', 'Connection: close', ...lines];
  return `${method} ${path} HTTP/${version}\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}

/** An answer without what differs by the moment. */
const still = (answer: string) => answer.replace(/\r\nDate: [^\r]*/g, '').toLowerCase();
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
const chunked = (body: string, size = 7) => {
  const pieces = body.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
  const framed = pieces.map((piece) => `${piece.length.toString(16)};x=y\r\n${piece}\r\n`);
  return `${framed.join('')}0\r\nTrailer-Of: nobody\r\n\r\n`;
};

const payment = (pose: Pose = {}) => bodyOf(pose);

/** Requests of every kind by what is told of them; each must be told the same under any path. */
const REQUESTS: readonly (readonly [string, () => Written, number])[] = [
  ['a payment', () => ({ body: payment() }), 200],
  ['no body at all', () => ({ headers: [AUTHORIZATION], body: '' }), 400],
  ['no caller', () => ({ headers: ['Content-Length: 2'] }), 401],
  [
    'chunks, with extensions and trailers',
    () => ({
      headers: [AUTHORIZATION, 'Transfer-Encoding: chunked'],
      body: chunked(payment()),
    }),
    200,
  ],
  [
    'chunks that break the framing',
    () => ({
      headers: [AUTHORIZATION, 'Transfer-Encoding: chunked'],
      body: 'zz\r\n{}\r\n0\r\n\r\n',
    }),
    400,
  ],
  [
    'chunks above the bound',
    () => ({
      headers: [AUTHORIZATION, 'Transfer-Encoding: chunked'],
      body: chunked('x'.repeat(256 * 1024 + 1), 60_000),
    }),
    413,
  ],
  [
    'a length above the bound, and nothing sent',
    () => ({ headers: [AUTHORIZATION, 'Content-Length: 262145'], body: '' }),
    413,
  ],
  [
    'a length and chunks: request smuggling',
    () => ({
      headers: [AUTHORIZATION, 'Content-Length: 2', 'Transfer-Encoding: chunked'],
      body: chunked('{}'),
    }),
    400,
  ],
  [
    'two lengths',
    () => ({ headers: [AUTHORIZATION, 'Content-Length: 2', 'Content-Length: 3'] }),
    400,
  ],
  ['no number as length', () => ({ headers: [AUTHORIZATION, 'Content-Length: two'] }), 400],
  [
    'two callers: the first is asked for',
    () => ({ headers: [AUTHORIZATION, 'Authorization: Bearer x', 'Content-Length: 2'] }),
    400,
  ],
  [
    'two callers, the other way round',
    () => ({ headers: ['Authorization: Bearer x', AUTHORIZATION, 'Content-Length: 2'] }),
    401,
  ],
  [
    'an expectation that there is none of',
    () => ({ headers: [AUTHORIZATION, 'Expect: something', 'Content-Length: 2'] }),
    417,
  ],
  [
    'headers of 20 KiB',
    () => ({ headers: [AUTHORIZATION, `X-Large: ${'x'.repeat(20_000)}`, 'Content-Length: 2'] }),
    431,
  ],
  [
    'a header with a line end in it',
    () => ({ headers: [AUTHORIZATION, 'X-Bad: a\rb', 'Content-Length: 2'] }),
    400,
  ],
  ['an upgrade', () => ({ headers: [AUTHORIZATION, 'Upgrade: h2c', 'Content-Length: 2'] }), 400],
  ['HTTP/1.0', () => ({ body: payment(), version: '1.0' }), 200],
  ['a version that there is none of', () => ({ version: '9.9' }), 400],
  ['GET', () => ({ method: 'GET', body: '', headers: [] }), 405],
  ['HEAD', () => ({ method: 'HEAD', body: '', headers: [] }), 405],
  ['OPTIONS', () => ({ method: 'OPTIONS', body: '', headers: [] }), 405],
  ['PUT', () => ({ method: 'PUT' }), 405],
  ['a method that there is none of', () => ({ method: 'PAY' }), 400],
];

describe.each(SPELLINGS)('%s is answered like the bare path', (path) => {
  test.each(REQUESTS)('%s', async (_, make, status) => {
    const bare = await raw(write(make()));
    surface.reset();
    const spelt = await raw(write({ ...make(), path }));
    expect(statusOf(bare)).toBe(status);
    expect(still(spelt)).toBe(still(bare));
  });
});

describe('the other route takes the same requests', () => {
  const BY_ITS_BODY = new Set([
    'no body at all',
    'two callers: the first is asked for',
    'an upgrade',
  ]);

  test.each(REQUESTS)('/sign-orchestrator-info: %s', async (name, make, status) => {
    const answer = await raw(write({ ...make(), path: '/sign-orchestrator-info' }));
    // Its body is read and ignored.
    expect(statusOf(answer)).toBe(BY_ITS_BODY.has(name) ? 200 : status);
    expect(surface.tally.signatures).toBe(0);
  });
});

describe('slow and broken off', () => {
  test.each([BARE, ...SPELLINGS])('%s: a byte at a time', async (path) => {
    const bytes = [...write({ path, body: payment() })];
    expect(statusOf(await raw(...bytes))).toBe(200);
  });

  test.each([BARE, ...SPELLINGS])('%s: 100-continue, then the body', async (path) => {
    const body = payment();
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const headers = [AUTHORIZATION, 'Expect: 100-continue', length];
    const answer = await raw(write({ path, headers, body: '' }), body);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  test.each([BARE, ...SPELLINGS, '/sign-orchestrator-info'])(
    '%s: a caller who goes away in the middle of the body, and another who does not',
    async (path) => {
      const socket = connect(surface.port, '127.0.0.1');
      const headers = [AUTHORIZATION, 'Content-Length: 100'];
      socket.write(write({ path, headers, body: '{' }));
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      socket.destroy();
      expect(statusOf(await raw(write({ body: payment() })))).toBe(200);
      expect(surface.tally.holds).toBe(1);
    },
  );

  test.each([BARE, ...SPELLINGS])(
    '%s: a caller who goes away while billing decides: the payment is kept, the next one made',
    async (path) => {
      const socket = connect(surface.port, '127.0.0.1');
      const kept = new Promise<void>((resolve) => {
        surface.neighbours.onHold = async () => {
          surface.neighbours.onHold = async () => undefined;
          const closed = new Promise((end) => socket.once('close', end));
          socket.destroy();
          await closed;
          resolve();
        };
      });
      socket.write(write({ path, body: payment() }));
      await kept;
      expect(statusOf(await raw(write({ path, body: payment() })))).toBe(200);
      expect(surface.tally).toEqual({ holds: 2, signatures: 2, released: 0 });
    },
  );

  test.each([BARE, ...SPELLINGS])(
    '%s: a connection of ours that breaks is our fault',
    async (path) => {
      surface.neighbours.signTickets = () => {
        throw Object.assign(new Error('broke off'), { code: 'ECONNRESET' });
      };
      const answer = await raw(write({ path, body: payment() }));
      expect(statusOf(answer)).toBe(503);
      expect(answer).toContain('"code":"unavailable"');
      expect(surface.tally).toMatchObject({ holds: 1, released: 1 });
    },
  );

  test('answers come in the order of requests, whoever gives them', async () => {
    const keep = (path: string, body: string) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const answers = await raw(
      keep(BARE, payment()) +
        keep(`${BARE}?`, '{') +
        keep('/sign-orchestrator-info', '') +
        keep(BARE, '{}') +
        'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' +
        write({ path: '/nowhere' }),
    );
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    expect(statuses).toEqual(['200', '400', '200', '400', '200', '404']);
  });

  test('a connection goes on after a refusal, but not after a body too large', async () => {
    const refused = await fetch(`${surface.url}${BARE}`, { method: 'POST', body: '{}' });
    expect(refused.headers.get('connection')).toBe('keep-alive');
    const large = await fetch(`${surface.url}${BARE}`, {
      method: 'POST',
      body: 'x'.repeat(256 * 1024 + 1),
    });
    expect([large.status, large.headers.get('connection')]).toEqual([413, 'close']);
  });
});

describe('URLs of every kind: never a fault of ours', () => {
  test.each([
    '*',
    '/',
    '//',
    '//generate-live-payment',
    '/./generate-live-payment',
    '/generate-live-payment/',
    '/GENERATE-LIVE-PAYMENT',
    '/generate-live-payment%20',
    '/%67enerate-live-payment',
    '/generate-live-payment;a=b',
    '/generate-live-payment#x',
    '/%zz',
    '/%00',
    'http://[',
    'http://[::1',
    'http://a:b/generate-live-payment',
    'http://a:99999/generate-live-payment',
    'http:///generate-live-payment',
    'javascript:generate-live-payment',
    'generate-live-payment',
    `/${'x'.repeat(9_000)}`,
    '/\\generate-live-payment',
  ])('POST %s', async (path) => {
    const status = statusOf(await raw(write({ path, body: '{}' })));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(surface.tally.holds).toBe(0);
  });

  test.each(['http://[', 'http://[::1'])('%s is none: 400, as Go says it', async (path) => {
    const answer = await raw(write({ path }));
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('400 Bad Request\r\n0\r\n');
  });
});
