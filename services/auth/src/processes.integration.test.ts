import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createTestDatabase,
  createTestQueue,
  type TestDatabase,
  type TestQueue,
} from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, TOKEN_PATH } from './testing/call-auth.ts';
import { TEST_QUEUE_KEYS } from './testing/start-test-auth.ts';

const run = promisify(execFile);
const source = (name: string) => join(import.meta.dirname, name);

describe('auth as processes', () => {
  let database: TestDatabase;
  let queue: TestQueue;
  let env: Record<string, string>;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    queue = await createTestQueue('postgres');
    const port = await freePort();
    env = {
      PATH: process.env.PATH ?? '',
      ORIGIN: `http://127.0.0.1:${port}`,
      AUTH_PORT: String(port),
      DATABASE_URL: database.url('auth_app'),
      AUTH_OWNER_URL: database.url('auth_owner'),
      QUEUE_DATABASE_URL: queue.connection('auth').postgresUrl ?? '',
      QUEUE_KEY_SIGNER_TO_AUTH: TEST_QUEUE_KEYS['signer-to-auth'],
      QUEUE_KEY_AUTH_TO_SIGNER: TEST_QUEUE_KEYS['auth-to-signer'],
      QUEUE_KEY_AUTH_TO_BILLING: TEST_QUEUE_KEYS['auth-to-billing'],
      KEY_ENCRYPTION_KEY: '1'.repeat(64),
      API_KEY_PEPPER: `1:${'2'.repeat(64)}`,
      COOKIE_KEYS: `${'3'.repeat(64)},${'4'.repeat(64)}`,
      BILLING_INTERNAL_URL: 'http://127.0.0.1:9',
      SIGNER_PUBLIC_URL: 'http://127.0.0.1:4002',
    };
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([database.drop(), queue.stop()]);
  });

  const start = async (extra: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [source('index.ts')], {
      env: { ...env, ...extra },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    const exited = once(child, 'exit').then(([code]) => Number(code));
    const serving = expect
      .poll(() => output, { timeout: 20_000, interval: 50 })
      .toMatch(/is serving|cannot start/);
    await Promise.race([serving, exited]);
    return { child, exited, output: () => output };
  };
  const command = async (file: string, args: string[] = [], extra = {}) => {
    const options = { env: { ...env, ...extra } };
    const { stdout } = await run(process.execPath, [source(file), ...args], options);
    return JSON.parse(stdout);
  };

  it('serves, is seeded once by its command, and stops on SIGTERM with 0', async () => {
    const { child, exited, output } = await start();
    expect((await call(`${env.ORIGIN}/readyz`)).body).toMatchObject({ status: 'ok' });
    const seed = await command('seed-cli.ts');
    expect(seed).toMatchObject({ seeded: true, issuer: `${env.ORIGIN}/api/v1/oidc` });
    expect(seed.users).toHaveLength(2);
    const again = await command('seed-cli.ts');
    expect(again).toEqual({ issuer: seed.issuer, seeded: false, app: seed.app });
    const form = { grant_type: 'client_credentials', scope: 'sign:job' };
    const token = (as: { clientId: string; clientSecret: string }) =>
      call(`${env.ORIGIN}${TOKEN_PATH}`, { as, form });
    const answer = await token(seed.machine);
    expect(answer.status).toBe(200);
    const anew = await command('seed-cli.ts', ['--again']);
    expect(anew).toMatchObject({ seeded: true, users: expect.any(Array) });
    expect((await token(anew.machine)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    // Pitfall 8: oidc-provider warns of a runtime that it does not support.
    expect(output()).not.toMatch(/WARNING|unsupported/i);
    // The log holds no secret and no token.
    for (const secret of [seed.machine.clientSecret, answer.body.access_token, env.DATABASE_URL]) {
      expect(output()).not.toContain(secret);
    }
  });

  it('`admin bootstrap` refuses to make a second administrator, and replaces its secret', async () => {
    await expect(command('admin-cli.ts', ['bootstrap'])).rejects.toThrow('--rotate');
    const admin = await command('admin-cli.ts', ['bootstrap', '--rotate']);
    const { child, exited } = await start();
    const url = `${env.ORIGIN}/api/v1/admin/apps`;
    expect((await call(url, { as: `Bearer ${admin.token}` })).status).toBe(200);
    expect((await call(url, { as: admin })).status).toBe(200);
    child.kill('SIGTERM');
    await exited;
  });

  it('`admin rotate-keys` rotates a key that caches know, or at once a compromised one', async () => {
    const rotate = (...flags: string[]) => command('admin-cli.ts', ['rotate-keys', ...flags]);
    await expect(rotate('ES256')).rejects.toThrow('too new');
    expect(await rotate('ES256', '--compromised')).toEqual({ rotated: 'ES256' });
    await expect(command('admin-cli.ts', ['rotate-keys', 'none'])).rejects.toThrow('usage');
  });

  it('seeding refuses an issuer that others could reach', async () => {
    const failing = command('seed-cli.ts', [], { ORIGIN: 'https://auth.example.com' });
    await expect(failing).rejects.toThrow('loopback');
  });

  it('stops when the pipe from its supervisor closes', async () => {
    const { child, exited } = await start({ WATCH_PARENT: '1' });
    child.stdin?.end();
    expect(await exited).toBe(0);
  });

  it('names a port that is taken and the variable that moves it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as { port: number }).port);
    const { exited, output } = await start({ AUTH_PORT: port, ORIGIN: `http://127.0.0.1:${port}` });
    expect(await exited).toBe(1);
    expect(output()).toContain(`port ${port} is taken: free it or set AUTH_PORT`);
    server.close();
  });

  it('names every variable that is not usable, at once, and no value', async () => {
    const { exited, output } = await start({ KEY_ENCRYPTION_KEY: 'zz', API_KEY_PEPPER: 'secret' });
    expect(await exited).toBe(1);
    expect(output()).toContain('KEY_ENCRYPTION_KEY');
    expect(output()).toContain('API_KEY_PEPPER');
    expect(output()).not.toContain('secret');
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
