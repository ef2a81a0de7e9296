import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerQueue } from './answer.ts';
import { type Ask, createAsker } from './ask.ts';
import type { QueueConnection } from './connect.ts';
import { BACKENDS, connectAs, type TestBackend } from './fixtures/backends.ts';
import { waitUntil } from './fixtures/wait-until.ts';

const ASKS = 10_000;
const CALLERS = 64;
/** How often the backend is emptied under the asks, and how long an ask then waits in vain. */
const FLUSHES = 20;
const TIMEOUT_MS = 1_000;

const bodySchema = z.object({ n: z.number() });
type Double = z.infer<typeof bodySchema>;

describe.each(BACKENDS)('asks on %s', (_name, open) => {
  let backend: TestBackend;
  let signer: QueueConnection;
  let billing: QueueConnection;
  let ask: Ask<Double>;

  beforeAll(async () => {
    backend = await open();
    signer = connectAs('signer', backend.address);
    billing = connectAs('billing', backend.address);
    answerQueue(billing, 'hold-request', {
      requestSchema: bodySchema,
      handle: async ({ n }) => {
        if (n < 0) throw new Error('negative');
        return { n: n * 2 };
      },
    });
    ask = createAsker(signer, 'hold-request', { replySchema: bodySchema });
    await waitUntil('an answer', async () => (await ask({ n: 1 })).ok);
  });

  afterAll(async () => {
    await Promise.all([signer?.close(), billing?.close()]);
    await backend?.close();
  });

  const run = async () => {
    const refusals: string[] = [];
    let next = 0;
    let answered = 0;
    const caller = async () => {
      while (next < ASKS) {
        const n = next;
        next += 1;
        const outcome = await ask({ n }, { timeoutMs: TIMEOUT_MS });
        if (outcome.ok) expect(outcome.value).toEqual({ n: n * 2 });
        else refusals.push(outcome.code);
        answered += 1;
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    expect(answered).toBe(ASKS);
    return refusals;
  };

  it(`answers each of ${ASKS} asks of ${CALLERS} callers with its own answer`, async () => {
    expect(await run()).toEqual([]);
    expect(signer.metrics.rejectedReplies).toBe(0);
  });

  it('survives being emptied in the middle (FLUSHALL): nothing but timeouts', async () => {
    let flushes = 0;
    let over = false;
    const flushing = (async () => {
      while (!over && flushes < FLUSHES) {
        await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 20));
        await backend.flush();
        flushes += 1;
      }
    })();
    const refusals = await run();
    over = true;
    await flushing;
    expect(flushes).toBeGreaterThan(1);
    expect(refusals.filter((code) => code !== 'hold_timeout')).toEqual([]);
    expect(refusals.length).toBeLessThanOrEqual(flushes * CALLERS);
    expect(await ask({ n: 21 })).toEqual({ ok: true, value: { n: 42 } });
  });

  it('says `unavailable` at once when the handler throws, and answers the others', async () => {
    const outcomes = await Promise.all([ask({ n: 1 }), ask({ n: -1 }), ask({ n: 3 })]);
    expect(outcomes).toEqual([
      { ok: true, value: { n: 2 } },
      { ok: false, code: 'unavailable', detail: 'said by the answerer' },
      { ok: true, value: { n: 6 } },
    ]);
  });

  it('says `bad_envelope` when the request has another shape', async () => {
    expect(await ask({ m: 1 })).toMatchObject({ ok: false, code: 'bad_envelope' });
  });

  it('says `bad_envelope` when the answer has another shape', async () => {
    const wrong = createAsker(signer, 'hold-request', { replySchema: z.object({ x: z.string() }) });
    expect(await wrong({ n: 1 })).toMatchObject({ ok: false, code: 'bad_envelope' });
  });

  it('says `hold_timeout` when nobody answers', async () => {
    const nobody = createAsker(signer, 'hold-release', { replySchema: bodySchema, timeoutMs: 200 });
    expect(await nobody({ n: 1 })).toEqual({ ok: false, code: 'hold_timeout' });
  });
});
