import type { Provider } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../clients/client.ts';
import { MACHINE_SCOPES } from '../clients/client.ts';
import { findClient } from '../clients/client-store.ts';
import { rotateClientSecret } from '../clients/rotate-client-secret.ts';
import { startTestAuth, type TestAuth } from '../testing/start-test-auth.ts';
import { createProvider } from './create-provider.ts';

describe('a replica that remembers a client as it was', () => {
  let auth: TestAuth;
  let provider: Provider;
  let machine: { clientId: string; clientSecret: string };
  let remembered: Client | undefined;
  let reads = 0;

  beforeAll(async () => {
    auth = await startTestAuth();
    machine = auth.seed.machine;
    remembered = await findClient(auth.deps.db, machine.clientId);
    const db = new Proxy(auth.deps.db, {
      apply: (target, self, args) => {
        reads += 1;
        return Reflect.apply(target, self, args);
      },
    });
    const { cookieKeys, dpopNonceSecret } = auth.config;
    const parts = { ...auth.deps, db, cookieKeys, dpopNonceSecret };
    // No notice comes: this memory stays as it is.
    provider = createProvider({ ...parts, findClient: async () => remembered }, auth.deps.keys());
  });
  afterAll(() => auth.stop());

  const takes = async (secret: string) => {
    const client = await provider.Client.find(machine.clientId);
    return client?.compareClientSecret(secret);
  };
  const newSecret = async () => {
    const input = { clientId: machine.clientId, appId: auth.seed.app.id };
    const made = await rotateClientSecret(auth.deps, {
      ...input,
      overlapSec: 60,
      mayGive: MACHINE_SCOPES,
      actor: 'test',
    });
    if (!made.ok) throw new Error(made.code);
    return made.value.clientSecret;
  };

  it('S28: a wrong secret costs one read, as an unknown client does; what was just read none more', async () => {
    expect(await takes('wrong')).toBe(false);
    expect(reads).toBe(0);
    expect(await takes('wrong')).toBe(false);
    expect(reads).toBe(1);
    expect(await takes(machine.clientSecret)).toBe(true);
    expect(reads).toBe(1);
  });

  it('takes a secret that was made a moment ago', async () => {
    const secret = await newSecret();
    expect(await takes(secret)).toBe(true);
    expect(await takes('wrong')).toBe(false);
  });

  it('takes no new secret of a client that was revoked meanwhile', async () => {
    const secret = await newSecret();
    await auth.deps.db`
      update auth.clients set status = 'revoked' where id = ${machine.clientId}`;
    expect(await takes(secret)).toBe(false);
  });
});
