import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAllowedAddress } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedFetch } from './guarded-fetch.ts';

const strict = { allowLoopback: false };

describe('S45: addresses that nobody may send us to', () => {
  it.each([
    '127.0.0.1',
    '127.8.9.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fd00::1',
    'fc00::1',
    'ff02::1',
    '2002:7f00:1::',
    '2001:db8::1',
    '2001::1',
  ])('refuses %s', (address) => {
    expect(isAllowedAddress(address, strict)).toBe(false);
  });

  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
    'allows %s',
    (address) => {
      expect(isAllowedAddress(address, strict)).toBe(true);
    },
  );

  it('lets development reach this machine, and nothing else that is private', () => {
    const development = { allowLoopback: true };
    expect(isAllowedAddress('127.0.0.1', development)).toBe(true);
    expect(isAllowedAddress('::1', development)).toBe(true);
    expect(isAllowedAddress('10.0.0.1', development)).toBe(false);
    expect(isAllowedAddress('169.254.169.254', development)).toBe(false);
  });
});

describe('S45: fetching a URL that a client registered', () => {
  let server: Server;
  let url: string;
  const seen: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url === '/redirect') {
        response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      } else if (request.url === '/large') {
        response.end('x'.repeat(5_000));
      } else if (request.url === '/empty') {
        response.writeHead(204).end();
      } else if (request.url !== '/hang') {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        request.on('end', () => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ body, type: request.headers['content-type'] }));
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  const open = (changed = {}) =>
    createGuardedFetch({ allowLoopback: true, bodyBytesMax: 1_000, ...changed });

  it('sends a form and gives the answer back', async () => {
    const response = await open()(`${url}/ok`, {
      method: 'POST',
      body: new URLSearchParams({ a: '1' }),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(response.status).toBe(200);
    const type = 'application/x-www-form-urlencoded';
    expect(await response.json()).toEqual({ body: 'a=1', type });
  });

  it('takes an answer without a body', async () => {
    expect((await open()(`${url}/empty`)).status).toBe(204);
  });

  it.each([
    ['http', 'http://client.example/keys'],
    ['another scheme', 'file:///etc/passwd'],
    ['this machine by its address', 'https://127.0.0.1/keys'],
    ['the metadata service', 'https://169.254.169.254/latest'],
    ['an address written as one number', 'https://2130706433/'],
    ['IPv6 of this machine', 'https://[::1]/'],
    ['credentials in the URL', 'https://user:pass@client.example/'],
  ])('refuses %s without a connection', async (_name, target) => {
    await expect(createGuardedFetch(strict)(target)).rejects.toThrow(TypeError);
  });

  it('refuses a name that resolves to this machine, at the connection itself', async () => {
    const port = new URL(url).port;
    const before = seen.length;
    await expect(createGuardedFetch(strict)(`https://localhost:${port}/ok`)).rejects.toThrow(
      'not a public one',
    );
    expect(seen).toHaveLength(before);
  });

  it('follows no redirect', async () => {
    await expect(open()(`${url}/redirect`)).rejects.toThrow('redirects are not followed');
  });

  it('reads no more than its bound', async () => {
    await expect(open()(`${url}/large`)).rejects.toThrow('too large');
  });

  it('waits no longer than its bound', async () => {
    await expect(open({ timeoutMs: 50 })(`${url}/hang`)).rejects.toThrow();
  });
});
