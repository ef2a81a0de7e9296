import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLog } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { call } from '../testing/call-auth.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { createProvider } from './create-provider.ts';

describe('a fault inside of the issuer', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await startTestAuth();
  });
  afterAll(() => auth.stop());

  it('pitfall 24: is logged, and the caller is told none of it', async () => {
    const { cookieKeys, dpopNonceSecret } = auth.config;
    const log = createLog({ service: 'test', level: 'silent' });
    const logged = vi.spyOn(log, 'error');
    const fault = new Error('a word of the inside');
    const parts = { ...auth.deps, cookieKeys, dpopNonceSecret, log };
    const findClient = () => Promise.reject(fault);
    const provider = createProvider({ ...parts, findClient }, auth.deps.keys());
    const server = createServer(provider.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await call(`http://127.0.0.1:${port}/token`, {
      as: auth.seed.machine,
      form: { grant_type: 'client_credentials' },
    });
    server.close();
    expect([answer.status, answer.body.error]).toEqual([500, 'server_error']);
    expect(answer.text).not.toContain('inside');
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ path: '/token', err: fault }),
      'issuer failed',
    );
  });
});
