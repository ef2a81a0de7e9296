import { createServer } from 'node:http';
import { connect, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockNetwork, isLoopback } from './block-network.ts';

const BLOCKED = { code: 'ENETUNREACH' };
const faultOf = (socket: Socket) =>
  new Promise((resolve) => {
    socket.once('error', resolve);
    socket.once('connect', () => resolve('connected'));
  });

describe('tests without a network', () => {
  let lift: () => void;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
    lift = blockNetwork();
  });
  afterAll(() => {
    lift();
    server.close();
  });

  it.each(['http://192.0.2.1/', 'https://livepeer.example/', 'http://[2001:db8::1]/'])(
    'refuse fetch(%s)',
    async (url) => {
      await expect(fetch(url)).rejects.toMatchObject({ cause: BLOCKED });
    },
  );

  it('refuse every form of connect', async () => {
    const sockets = [
      connect(80, '192.0.2.1'),
      connect({ port: 80, host: '192.0.2.1' }),
      connectTls({ port: 443, host: '192.0.2.1' }),
      new Socket().connect(80, '192.0.2.1'),
    ];
    const faults = await Promise.all(sockets.map(faultOf));
    expect(faults).toEqual(sockets.map(() => expect.objectContaining(BLOCKED)));
  });

  it('reach this machine', async () => {
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe('here');
    const socket = connect(port);
    expect(await faultOf(socket)).toBe('connected');
    socket.destroy();
  });

  it('may use a Unix socket', async () => {
    const path = join(tmpdir(), `no-such-socket-${process.pid}`);
    expect(await faultOf(connect(path))).toMatchObject({ code: 'ENOENT' });
    expect(await faultOf(connect({ path }))).toMatchObject({ code: 'ENOENT' });
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.0.9', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['LOCALHOST', true],
  ['127.0.0.1.nip.example', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
