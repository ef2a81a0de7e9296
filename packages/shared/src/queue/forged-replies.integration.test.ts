import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Ask, createAsker } from './ask.ts';
import type { QueueConnection } from './connect.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import { BACKENDS, connectAs, keysFrom, TEST_KEYS, type TestBackend } from './fixtures/backends.ts';
import { createRogue, type Rogue } from './fixtures/rogue.ts';
import { waitUntil } from './fixtures/wait-until.ts';
import type { QueueKeys } from './keys.ts';
import { replyQueueName } from './queues.ts';

const replySchema = z.object({ granted: z.string() });
const TIMED_OUT = { ok: false, code: 'hold_timeout' };
const GRANT_A = { ok: true, value: { granted: 'A' } };
const GRANT_B = { ok: true, value: { granted: 'B' } };
/** Long enough for a rogue to act, short enough to wait for in vain. */
const TIMEOUT_MS = 700;

describe.each(BACKENDS)('who can answer on %s but has no key', (_name, open) => {
  let backend: TestBackend;
  let signer: QueueConnection;
  let rogue: Rogue;
  let ask: Ask<z.infer<typeof replySchema>>;
  /** Nonces of the asks that the rogue took from the queue, in order. */
  let nonces: string[];
  let replyQueue: string;

  beforeAll(async () => {
    backend = await open();
    signer = connectAs('signer', backend.address);
    replyQueue = replyQueueName('signer', signer.replicaId);
    ask = createAsker(signer, 'hold-request', { replySchema, timeoutMs: TIMEOUT_MS });
    rogue = createRogue(signer);
    rogue.steal('hold-request', (envelopes) => {
      for (const text of envelopes) nonces.push(nonceOf(text));
    });
    nonces = [];
    await waitUntil('the rogue takes a job', async () => {
      await ask('warm up');
      return nonces.length > 0;
    });
  });

  beforeEach(() => {
    nonces = [];
    signer.metrics.rejectedReplies = 0;
  });

  afterAll(async () => {
    await rogue?.close();
    await signer?.close();
    await backend?.close();
  });

  const nonceOf = (text: string) => {
    const opened = openEnvelope(TEST_KEYS, text, {
      queue: 'hold-request',
      from: ['signer'],
      to: 'billing',
      maxAgeMs: 60_000,
    });
    if (!opened.ok) throw new Error('an ask of the signer that does not open');
    return opened.value.nonce;
  };
  /** The reply that billing would give: `over` makes it somebody else's. */
  const seal = (
    inReplyTo: string,
    granted: string,
    over: Partial<Parameters<typeof sealEnvelope>[1]> & { keys?: QueueKeys } = {},
  ) =>
    sealEnvelope(over.keys ?? TEST_KEYS, {
      queue: replyQueue,
      from: 'billing',
      to: 'signer',
      inReplyTo,
      body: { ok: true, body: { granted } },
      ...over,
    }).text;
  const reply = (...texts: string[]) => rogue.add(replyQueue, texts);
  const askOne = async () => {
    const outcome = ask('A');
    await waitUntil('the ask is in the queue', () => nonces.length === 1);
    return { outcome, nonce: nonces[0] ?? '' };
  };
  const rejected = (count: number) =>
    waitUntil(`${count} rejected`, () => signer.metrics.rejectedReplies === count);

  it('a reply under billing’s own key is believed: the test of the tests', async () => {
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'A'));
    expect(await outcome).toEqual(GRANT_A);
    expect(signer.metrics.rejectedReplies).toBe(0);
  });

  it.each([
    ['another secret under the right kid', { 'billing-to-signer': keysFrom('rogue') }],
    ['a key of another direction', { 'billing-to-signer': keysFrom('signer-to-billing') }],
  ])('a reply under %s is refused', async (_what, keys) => {
    const [only] = keys['billing-to-signer'];
    const kid = TEST_KEYS['billing-to-signer']?.[0].kid ?? '';
    const disguised = { 'billing-to-signer': [{ ...only, kid }] as const };
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'A', { keys: disguised }));
    await rejected(1);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a reply under a kid that is not ours is refused', async () => {
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'A', { keys: { 'billing-to-signer': keysFrom('unknown') } }));
    await rejected(1);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a reply of a service that was not asked is refused', async () => {
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'A', { from: 'auth' }));
    await rejected(1);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a reply meant for another process is refused', async () => {
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'A', { queue: replyQueueName('signer', 'another') }));
    await rejected(1);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('the ask itself, sent back as its reply, is refused', async () => {
    const { outcome, nonce } = await askOne();
    const echoed = sealEnvelope(TEST_KEYS, {
      queue: 'hold-request',
      from: 'signer',
      to: 'billing',
      inReplyTo: nonce,
      body: { ok: true, body: { granted: 'A' } },
    });
    await reply(echoed.text);
    await rejected(1);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a truncated reply is refused', async () => {
    const { outcome, nonce } = await askOne();
    const text = seal(nonce, 'A');
    await reply(text.slice(0, -1), text.slice(0, text.indexOf('\n')), '');
    await rejected(3);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a changed amount in an authentic reply is refused', async () => {
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'A').replace('"granted":"A"', '"granted":"B"'));
    await rejected(1);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a job of another make is refused', async () => {
    const { outcome } = await askOne();
    await rogue.addRaw(replyQueue, { granted: 'A' });
    await rogue.addRaw(replyQueue, [1]);
    await rejected(2);
    expect(await outcome).toEqual(TIMED_OUT);
  });

  it('a replayed reply is refused, for its own ask and for the next one', async () => {
    const first = await askOne();
    const text = seal(first.nonce, 'A');
    await reply(text);
    expect(await first.outcome).toEqual(GRANT_A);
    nonces = [];
    const second = await askOne();
    await reply(text);
    await rejected(1);
    expect(await second.outcome).toEqual(TIMED_OUT);
  });

  it('replies swapped between two asks still reach their own ask', async () => {
    const outcomes = [ask('A'), ask('B')];
    await waitUntil('both asks are in the queue', () => nonces.length === 2);
    const [nonceA = '', nonceB = ''] = nonces;
    await reply(seal(nonceB, 'B'), seal(nonceA, 'A'));
    expect(await Promise.all(outcomes)).toEqual([GRANT_A, GRANT_B]);
  });

  it('replies whose nonces are swapped are refused for both asks', async () => {
    const outcomes = [ask('A'), ask('B')];
    await waitUntil('both asks are in the queue', () => nonces.length === 2);
    const [nonceA = '', nonceB = ''] = nonces;
    const replies = [seal(nonceA, 'A'), seal(nonceB, 'B')];
    await reply(...replies.map((text) => text.replace(...swap(text, nonceA, nonceB))));
    await rejected(2);
    expect(await Promise.all(outcomes)).toEqual([TIMED_OUT, TIMED_OUT]);
  });

  it('a forged reply does not use up the ask: the authentic one still counts', async () => {
    const { outcome, nonce } = await askOne();
    await reply(seal(nonce, 'B', { keys: { 'billing-to-signer': keysFrom('rogue') } }));
    await rejected(1);
    await reply(seal(nonce, 'A'));
    expect(await outcome).toEqual(GRANT_A);
  });

  it('an authentic reply that comes too late is dropped and counted', async () => {
    const { outcome, nonce } = await askOne();
    expect(await outcome).toEqual(TIMED_OUT);
    await reply(seal(nonce, 'A'));
    await rejected(1);
  });
});

function swap(text: string, a: string, b: string): [string, string] {
  return text.includes(a) ? [a, b] : [b, a];
}
