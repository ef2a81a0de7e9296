import { execFileSync } from 'node:child_process';
import { findFreePort, stopInOrder } from '@clearinghouse/embedded';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, readCompose } from '../compose/fixture-compose.ts';
import { type ComposeStack, startComposeStack } from '../compose/fixture-stack.ts';
import { type RunningCaddy, startCaddy } from './fixture-caddy.ts';
import { httpsCaller } from './fixture-https.ts';

const AUTH = 'auth.clearinghouse.test';
const SIGNER = 'signer.clearinghouse.test';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('profile tls: auth and signer behind Caddy, each at the root of a host name', () => {
  let stack: ComposeStack;
  let caddy: RunningCaddy;
  let port: number;
  let auth: ReturnType<typeof httpsCaller>;
  let signer: ReturnType<typeof httpsCaller>;
  const issuer = () => `https://${AUTH}:${port}/api/v1/oidc`;

  beforeAll(async () => {
    port = await findFreePort();
    stack = await startComposeStack(() => ({
      PUBLIC_ORIGIN: `https://${AUTH}:${port}`,
      SIGNER_ORIGIN: `https://${SIGNER}:${port}`,
      TRUST_PROXY: '1',
    }));
    caddy = await startCaddy(stack, { port, authHostname: AUTH, signerHostname: SIGNER });
    auth = httpsCaller({ hostname: AUTH, port, ca: caddy.ca });
    signer = httpsCaller({ hostname: SIGNER, port, ca: caddy.ca });
    await waitFor(async () => (await auth('/healthz')).status === 200, { what: 'auth over TLS' });
    await waitFor(async () => (await signer('/healthz')).status === 200, { what: 'the signer' });
  }, 180_000);
  afterAll(async () => {
    if (caddy) await stopInOrder([caddy.process]);
    await stack?.stop();
  });

  const bootstrap = () => {
    const [, ...args] = readCompose().services.auth?.command ?? [];
    const entry = (args.at(-1) ?? '').replace('index.ts', 'admin-cli.ts');
    const env = stack.env('auth');
    return execFileSync(process.execPath, [entry, 'bootstrap'], { cwd: ROOT, env }).toString();
  };

  it('discovery names the public origin and nothing else, whatever a caller claims', async () => {
    const answer = await auth('/api/v1/oidc/.well-known/openid-configuration', {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    });
    expect(answer.status).toBe(200);
    const document = JSON.parse(answer.text);
    expect(document.issuer).toBe(issuer());
    expect(document.token_endpoint).toBe(`${issuer()}/token`);
    expect(answer.text).not.toContain('evil.example');
    expect(answer.text).not.toContain('http:');
  });

  it('another host name is refused, and no certificate is given out for it', async () => {
    const misdirected = await auth('/api/v1/oidc/.well-known/openid-configuration', {
      headers: { host: SIGNER },
    });
    expect(misdirected.status).not.toBe(200);
    const other = httpsCaller({ hostname: 'other.clearinghouse.test', port, ca: caddy.ca });
    await expect(other('/healthz')).rejects.toThrow();
  });

  it('an app of a fresh installation gets a token and the signer’s address with it', async () => {
    const adminToken = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(bootstrap())?.[0];
    expect(adminToken).toBeDefined();
    const created = await auth('/api/v1/admin/apps', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${adminToken}`,
        'content-type': 'application/json',
        'idempotency-key': 'first-app',
      },
      body: JSON.stringify({ name: 'first' }),
    });
    expect(created.status).toBe(201);
    const { clientId, clientSecret } = JSON.parse(created.text).machine;
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const token = await auth('/api/v1/oidc/token', {
      method: 'POST',
      headers: { ...FORM, authorization: `Basic ${basic}` },
      body: 'grant_type=client_credentials&scope=sign%3Ajob',
    });
    expect(token.status).toBe(200);
    const info = await signer('/sign-orchestrator-info', {
      method: 'POST',
      headers: { authorization: `Bearer ${JSON.parse(token.text).access_token}` },
      body: '{}',
    });
    expect(info.status).toBe(200);
    expect(JSON.parse(info.text).signature).toMatch(/^0x[0-9a-f]{130}$/);
  });
});
