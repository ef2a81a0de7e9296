import { createServer as createHttp, get, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createLog } from '@clearinghouse/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { guardSockets, type SocketGuard } from './guard-sockets.ts';
import { listPlaces } from './list-places.ts';

let servers: Server[];
let ports: number[];
let guard: SocketGuard;
let alarms: unknown[];

beforeEach(async () => {
  servers = [1, 2].map(() => createHttp((_, response) => response.end('here')));
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  ports = servers.map((server) => (server.address() as AddressInfo).port);
  alarms = [];
  const log = createLog({ service: 'test', level: 'silent' });
  log.error = ((fields: object) => void alarms.push(fields)) as never;
  guard = guardSockets({ places: [{ host: '127.0.0.1', port: ports[0] ?? 0 }], log });
});
afterEach(async () => {
  guard.stop();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

const url = (index: number, host = '127.0.0.1') => `http://${host}:${ports[index]}/`;
const failure = (socket: { once: (event: 'error', heard: (error: Error) => void) => unknown }) =>
  new Promise<Error>((resolve) => socket.once('error', resolve));

describe('egress: to configured places', () => {
  test('fetch, HTTP and plain sockets', async () => {
    expect(await (await fetch(url(0))).text()).toBe('here');
    const status = await new Promise((resolve) =>
      get(url(0), (response) => resolve(response.resume().statusCode)),
    );
    expect(status).toBe(200);
    const socket = connect(ports[0] ?? 0, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect(alarms).toEqual([]);
  });
});

describe('egress: to any other place is refused and an alarm', () => {
  test('fetch', async () => {
    await expect(fetch(url(1))).rejects.toThrow();
    expect(alarms).toEqual([{ alarm: 'egress_refused', to: `127.0.0.1:${ports[1]}` }]);
  });

  test('HTTP, plain and TLS sockets, local paths', async () => {
    expect((await failure(get(url(1)))).message).toMatch(/are refused/);
    expect((await failure(connect(ports[1] ?? 0, '127.0.0.1'))).message).toMatch(/are refused/);
    const options = { port: ports[1] ?? 0, host: '127.0.0.1' };
    expect((await failure(connect(options))).message).toMatch(/are refused/);
    expect((await failure(connectTls(options))).message).toMatch(/are refused/);
    expect((await failure(connect('/tmp/any.sock'))).message).toMatch(/are refused/);
    expect(alarms).toHaveLength(5);
  });

  test('another name of the same machine, the same name at another port', async () => {
    await expect(fetch(url(0, 'localhost'))).rejects.toThrow();
    expect((await failure(connect(ports[0] ?? 0))).message).toMatch(/localhost/);
  });

  test('a redirect does not lead out', async () => {
    servers[0]?.removeAllListeners('request');
    servers[0]?.on('request', (_, response) => response.writeHead(302, { location: url(1) }).end());
    await expect(fetch(url(0))).rejects.toThrow();
    expect(alarms).toHaveLength(1);
  });
});

describe('egress: where only the network can name the host', () => {
  test('what is let through is, and nothing after it', async () => {
    expect(await guard.allowWithin(async () => (await fetch(url(1))).text())).toBe('here');
    expect(alarms).toEqual([]);
    expect((await failure(connect(ports[1] ?? 0, '127.0.0.1'))).message).toMatch(/are refused/);
  });

  test('stopped, it lets everything through', async () => {
    guard.stop();
    expect(await (await fetch(url(1))).text()).toBe('here');
  });
});

describe('places of URLs', () => {
  test('with and without a port', () => {
    expect(
      listPlaces({
        ETH_RPC_URL: 'https://rpc.example/v3/key',
        AUTH_JWKS_URL: 'http://auth:4000/jwks',
        REDIS_URL: 'redis://u:p@redis',
        QUEUE_DATABASE_URL: 'postgres://u:p@[::1]:54329/db',
        WEB3SIGNER_URL: undefined,
        OTHER: '',
      }),
    ).toEqual([
      { host: 'rpc.example', port: 443 },
      { host: 'auth', port: 4000 },
      { host: 'redis', port: 6379 },
      { host: '[::1]', port: 54329 },
    ]);
  });

  test.each(['file:///etc/passwd', 'redis//secret', 'gopher://host'])(
    'that name none: the variable is told, not what is in it (%s)',
    (text) => {
      expect(() => listPlaces({ REDIS_URL: text })).toThrow(/^REDIS_URL: names no host$/);
    },
  );
});
