import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerQueue } from './answer.ts';
import { createAsker } from './ask.ts';
import type { QueueConnection } from './connect.ts';
import { BACKENDS, connectAs, keysFrom, TEST_KEYS, type TestBackend } from './fixtures/backends.ts';
import { createRogue, type Rogue } from './fixtures/rogue.ts';
import { waitUntil } from './fixtures/wait-until.ts';

const bodySchema = z.object({ n: z.number() });

describe.each(BACKENDS)('requests on %s', (_name, open) => {
  let backend: TestBackend;
  let signer: QueueConnection;
  let billing: QueueConnection;
  let rogue: Rogue;
  let handled: number[];

  beforeAll(async () => {
    backend = await open();
  });
  afterAll(() => backend?.close());

  beforeEach(() => {
    handled = [];
    signer = connectAs('signer', backend.address);
    billing = connectAs('billing', backend.address);
    rogue = createRogue(signer);
  });
  afterEach(async () => {
    await rogue.close();
    await Promise.all([signer.close(), billing.close()]);
  });

  const answer = (
    connection = billing,
    handle = async ({ n }: { n: number }) => {
      handled.push(n);
      return { n };
    },
  ) =>
    answerQueue(connection, 'hold-request', { requestSchema: bodySchema, handle, concurrency: 2 });
  const asker = (connection = signer) =>
    createAsker(connection, 'hold-request', { replySchema: bodySchema });
  /** Asks once, has the rogue take the job, and gives its envelopes. */
  const capture = async (n: number) => {
    let captured: readonly string[] = [];
    rogue.steal('hold-request', (envelopes) => {
      captured = envelopes;
    });
    const ask = asker();
    await waitUntil('the rogue has an ask', async () => {
      if (captured.length === 0) void ask({ n }, { timeoutMs: 5_000 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      return captured.length > 0;
    });
    await rogue.close();
    return captured;
  };

  it('that are past their deadline are dropped, not handled', async () => {
    const ask = asker();
    await waitUntil('the backend', () => signer.transport.isReady());
    expect(await ask({ n: 1 }, { timeoutMs: 50 })).toEqual({ ok: false, code: 'hold_timeout' });
    answer();
    expect(await ask({ n: 2 })).toEqual({ ok: true, value: { n: 2 } });
    expect(handled).toEqual([2]);
    expect(billing.metrics.lateRequests).toBe(1);
  });

  it('whose answer comes after the deadline get none', async () => {
    answer(billing, async ({ n }) => {
      handled.push(n);
      if (n === 1) await new Promise((resolve) => setTimeout(resolve, 300));
      return { n };
    });
    const ask = asker();
    await waitUntil('an answer', async () => (await ask({ n: 0 })).ok);
    expect(await ask({ n: 1 }, { timeoutMs: 100 })).toEqual({ ok: false, code: 'hold_timeout' });
    await waitUntil('it was late', () => billing.metrics.lateRequests === 1);
    expect(handled).toContain(1);
    expect(signer.metrics.rejectedReplies).toBe(0);
  });

  it('that are copied are served once', async () => {
    const captured = await capture(7);
    answer();
    await rogue.add('hold-request', captured);
    await rogue.add('hold-request', [...captured, ...captured]);
    await waitUntil(
      'copies dropped',
      () => billing.metrics.rejectedRequests === 2 * captured.length,
    );
    expect(handled).toEqual([7]);
  });

  it('that are forged, changed, or of another queue are dropped', async () => {
    const captured = await capture(8);
    answer();
    const changed = captured.map((text) => text.replace('"n":8', '"n":9'));
    await rogue.add('hold-request', changed);
    await rogue.addRaw('hold-request', { n: 9 });
    await waitUntil('dropped', () => billing.metrics.rejectedRequests === changed.length + 1);
    answerQueue(billing, 'usage-settle', { requestSchema: bodySchema, handle: async (b) => b });
    await rogue.add('usage-settle', captured);
    await waitUntil('dropped', () => billing.metrics.rejectedRequests === changed.length + 2);
    expect(handled).toEqual([]);
  });

  it('under either key of a rotation are answered, each side changing at its own time', async () => {
    const rotated = connectAs('billing', backend.address, {
      keys: {
        'signer-to-billing': keysFrom('signer-to-billing-2', 'signer-to-billing'),
        'billing-to-signer': keysFrom('billing-to-signer', 'billing-to-signer-2'),
      },
    });
    const renewed = connectAs('signer', backend.address, {
      keys: {
        'signer-to-billing': keysFrom('signer-to-billing-2'),
        'billing-to-signer': keysFrom('billing-to-signer-2', 'billing-to-signer'),
      },
    });
    answer(rotated);
    const asks = [asker(), asker(renewed)];
    for (const ask of asks) {
      await waitUntil('an answer', async () => (await ask({ n: 1 })).ok);
    }
    await Promise.all([rotated.close(), renewed.close()]);
  });

  it('under a key that was dropped are not', async () => {
    const behind = connectAs('signer', backend.address, {
      keys: { ...TEST_KEYS, 'signer-to-billing': keysFrom('dropped') },
    });
    answer();
    const ask = asker(behind);
    await waitUntil('the ask is refused', async () => {
      await ask({ n: 1 }, { timeoutMs: 100 });
      return billing.metrics.rejectedRequests > 0;
    });
    expect(handled).toEqual([]);
    await behind.close();
  });

  it('are handled by at most so many at once as the answerer says', async () => {
    let running = 0;
    let most = 0;
    answer(billing, async ({ n }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { n };
    });
    const ask = asker();
    await waitUntil('an answer', async () => (await ask({ n: 0 })).ok);
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => ask({ n })));
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect(most).toBe(2);
  });

  it('longer than a shared envelope travel too', async () => {
    const schema = z.object({ pad: z.string() });
    answerQueue(billing, 'hold-release', { requestSchema: schema, handle: async (body) => body });
    const ask = createAsker(signer, 'hold-release', { replySchema: schema });
    const pad = 'é"\\\n'.repeat(100_000);
    await waitUntil('an answer', async () => (await ask({ pad: '' })).ok);
    const outcomes = await Promise.all([ask({ pad }), ask({ pad: 'short' }), ask({ pad })]);
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.pad.length)).toEqual([
      pad.length,
      5,
      pad.length,
    ]);
  });
});
