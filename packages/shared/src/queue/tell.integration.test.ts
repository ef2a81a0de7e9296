import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { QueueConnection } from './connect.ts';
import { BACKENDS, connectAs, keysFrom, TEST_KEYS, type TestBackend } from './fixtures/backends.ts';
import { createRogue } from './fixtures/rogue.ts';
import { waitUntil } from './fixtures/wait-until.ts';
import { listenQueue } from './listen.ts';
import { QUEUES } from './queues.ts';
import { createTeller } from './tell.ts';

const schema = z.object({ id: z.string() });

describe.each(BACKENDS)('told messages on %s', (_name, open) => {
  let backend: TestBackend;
  let auth: QueueConnection;
  let signer: QueueConnection;
  let billing: QueueConnection;

  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend?.close());

  beforeEach(async () => {
    auth = connectAs('auth', backend.address);
    signer = connectAs('signer', backend.address);
    billing = connectAs('billing', backend.address);
    const all = [auth, signer, billing];
    await waitUntil('the backend', () => all.every(({ transport }) => transport.isReady()));
  });
  afterEach(() => Promise.all([auth.close(), signer.close(), billing.close()]));

  it('reach their listener, once each, told before it was there or after', async () => {
    const heard: string[] = [];
    const tell = createTeller(auth, 'identity-changed-signer');
    expect(await tell({ id: 'before' })).toEqual({ ok: true, value: undefined });
    listenQueue(signer, 'identity-changed-signer', {
      schema,
      handle: async ({ id }, meta) => {
        heard.push(`${meta.from} ${id}`);
      },
    });
    const ids = Array.from({ length: 200 }, (_, index) => `m${index}`);
    await Promise.all(ids.map((id) => tell({ id })));
    await waitUntil('all are heard', () => heard.length >= ids.length + 1);
    const expected = ['before', ...ids].map((id) => `auth ${id}`);
    expect(heard.sort()).toEqual(expected.sort());
  });

  it('are told again when the handler throws', async () => {
    let attempts = 0;
    const tell = createTeller(signer, 'journal-watermark');
    listenQueue(billing, 'journal-watermark', {
      schema,
      handle: async () => {
        attempts += 1;
        if (attempts < 2) throw new Error('secret of the handler');
      },
    });
    await tell({ id: 'again' });
    await waitUntil('the second attempt', () => attempts === 2);
    expect(billing.metrics).toMatchObject({ handlerFailures: 1, failedTells: 0 });
  });

  it('are given up after their attempts, with an alarm, and kept without the error', async () => {
    const tell = createTeller(signer, 'journal-watermark');
    listenQueue(billing, 'journal-watermark', {
      schema,
      handle: async () => {
        throw new Error('secret of the handler');
      },
    });
    await tell({ id: 'never' });
    await waitUntil('the alarm', () => billing.metrics.failedTells === 1);
    expect(billing.metrics.handlerFailures).toBe(QUEUES['journal-watermark'].attempts);
    expect(await backend.dump()).not.toContain('secret of the handler');
    expect(await backend.dump()).toContain('never');
  });

  it('that are forged, of another key or of another shape are dropped', async () => {
    const heard: string[] = [];
    listenQueue(signer, 'identity-changed-signer', {
      schema,
      handle: async ({ id }) => {
        heard.push(id);
      },
    });
    const stranger = connectAs('auth', backend.address, {
      keys: { ...TEST_KEYS, 'auth-to-signer': keysFrom('stranger') },
    });
    await waitUntil('the backend', () => stranger.transport.isReady());
    await createTeller(stranger, 'identity-changed-signer')({ id: 'forged' });
    await createTeller(auth, 'identity-changed-signer')({ name: 'shape' });
    await createRogue(auth).addRaw('identity-changed-signer', { id: 'raw' });
    await waitUntil('three are dropped', () => signer.metrics.rejectedRequests === 3);
    await createTeller(auth, 'identity-changed-signer')({ id: 'good' });
    await waitUntil('the good one is heard', () => heard.length > 0);
    expect(heard).toEqual(['good']);
    await stranger.close();
  });

  it('survive the queue being emptied: the next ones are heard', async () => {
    const heard: string[] = [];
    const tell = createTeller(auth, 'identity-changed-billing');
    listenQueue(billing, 'identity-changed-billing', {
      schema,
      handle: async ({ id }) => {
        heard.push(id);
      },
    });
    await tell({ id: 'before' });
    await waitUntil('the first is heard', () => heard.length === 1);
    await backend.flush();
    await tell({ id: 'after' });
    await waitUntil('the next is heard', () => heard.length === 2);
    expect(heard).toEqual(['before', 'after']);
  });
});
