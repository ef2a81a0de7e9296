import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { QueueKeySet } from './keys.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { parseQueueKeys } from './parse-queue-keys.ts';

const secret = (name: string) => createHash('sha256').update(name).digest('hex');
const keySet = (...kids: string[]): QueueKeySet =>
  parseQueueKeys(kids.map((kid) => `${kid}:${secret(kid)}`).join(','));

const keys = { 'signer-to-billing': keySet('k1'), 'billing-to-signer': keySet('k2') };
const route = { queue: 'hold-request', from: 'signer', to: 'billing' } as const;
const expected = {
  queue: 'hold-request',
  from: ['signer'],
  to: 'billing',
  maxAgeMs: 1_000,
} as const;
const nonce = 'ab'.repeat(16);

const seal = (over: Partial<Parameters<typeof sealEnvelope>[1]> = {}) =>
  sealEnvelope(keys, { ...route, inReplyTo: '', body: { a: 1 }, ...over }).text;
const open = (text: unknown, over: Partial<Parameters<typeof openEnvelope>[2]> = {}) =>
  openEnvelope(keys, text, { ...expected, ...over });
const refusedFor = (detail: string) => ({ ok: false, code: 'bad_envelope', detail });

/** The text with one field of its header replaced. */
function withField(text: string, field: string, value: unknown): string {
  const end = text.indexOf('\n');
  return `${JSON.stringify({ ...JSON.parse(text.slice(0, end)), [field]: value })}${text.slice(end)}`;
}

describe('an envelope', () => {
  it('gives back what was sealed', () => {
    const sealed = sealEnvelope(keys, { ...route, inReplyTo: nonce, body: { ü: ['\n', '"'] } });
    const opened = open(sealed.text, { inReplyTo: nonce });
    expect(opened).toMatchObject({
      ok: true,
      value: { ...route, v: 1, kid: 'k1', nonce: sealed.nonce, inReplyTo: nonce },
    });
    if (opened.ok) expect(JSON.parse(opened.value.body)).toEqual({ ü: ['\n', '"'] });
  });

  it('has another nonce of 128 bits each time', () => {
    const nonces = Array.from({ length: 50 }, () =>
      sealEnvelope(keys, { ...route, inReplyTo: '', body: 1 }),
    ).map((sealed) => sealed.nonce);
    expect(new Set(nonces).size).toBe(50);
    for (const each of nonces) expect(each).toMatch(/^[0-9a-f]{32}$/);
  });

  it('needs a key for its direction', () => {
    expect(() => seal({ to: 'auth' })).toThrow('signer-to-auth');
  });
});

describe('an envelope that was changed is refused', () => {
  const text = seal({ inReplyTo: nonce });
  const changes: [string, unknown, string][] = [
    ['v', 2, 'shape'],
    ['kid', 'k9', 'unknown kid'],
    ['queue', 'usage-settle', 'queue'],
    ['from', 'auth', 'from'],
    ['to', 'auth', 'to'],
    ['nonce', 'cd'.repeat(16), 'mac'],
    ['inReplyTo', 'cd'.repeat(16), 'mac'],
    ['inReplyTo', '', 'mac'],
    ['issuedAt', Date.now() - 500, 'mac'],
    ['mac', 'A'.repeat(43), 'mac'],
    ['mac', '', 'shape'],
    ['extra', 1, 'shape'],
  ];
  it.each(changes)('in %s (%s)', (field, value, detail) => {
    expect(open(text)).toMatchObject({ ok: true });
    expect(open(withField(text, field, value))).toEqual(refusedFor(detail));
  });

  it('in its body, even by one space', () => {
    expect(open(text.replace('{"a":1}', '{"a":2}'))).toEqual(refusedFor('mac'));
    expect(open(`${text} `)).toEqual(refusedFor('mac'));
  });

  it('in its queue and to, consistently with what the receiver expects', () => {
    const moved = withField(text, 'queue', 'usage-settle');
    expect(open(moved, { queue: 'usage-settle' })).toEqual(refusedFor('mac'));
  });

  it('by moving characters from one field to the next', () => {
    const other = withField(withField(text, 'queue', 'hold-reques'), 'from', 'signer');
    expect(open(other, { queue: 'hold-reques' })).toEqual(refusedFor('mac'));
  });

  it('by cutting it anywhere', () => {
    for (let length = 0; length < text.length; length += 1) {
      expect(open(text.slice(0, length))).toMatchObject({ ok: false, code: 'bad_envelope' });
    }
  });

  it('by not being text, or too much of it', () => {
    for (const value of [undefined, null, 1, {}, [text]]) {
      expect(open(value)).toEqual(refusedFor('not text'));
    }
    expect(open('x'.repeat(QUEUE_LIMITS.envelopeCharsMax + 1))).toEqual(refusedFor('too long'));
  });
});

describe('keys of envelopes', () => {
  it('one of another secret under the same kid is refused', () => {
    const rogue = { 'signer-to-billing': parseQueueKeys(`k1:${secret('rogue')}`) };
    const { text } = sealEnvelope(rogue, { ...route, inReplyTo: '', body: 1 });
    expect(open(text)).toEqual(refusedFor('mac'));
  });

  it('the key of the other direction is refused', () => {
    const swapped = { 'signer-to-billing': keys['billing-to-signer'] };
    const { text } = sealEnvelope(swapped, { ...route, inReplyTo: '', body: 1 });
    expect(open(text)).toEqual(refusedFor('unknown kid'));
  });

  it('both keys of a rotation are accepted and the first one seals', () => {
    const before = { 'signer-to-billing': keySet('old') };
    const during = { 'signer-to-billing': keySet('new', 'old') };
    const input = { ...route, inReplyTo: '', body: 1 };
    expect(openEnvelope(during, sealEnvelope(before, input).text, expected).ok).toBe(true);
    expect(openEnvelope(during, sealEnvelope(during, input).text, expected)).toMatchObject({
      value: { kid: 'new' },
    });
    expect(openEnvelope(before, sealEnvelope(during, input).text, expected)).toEqual(
      refusedFor('unknown kid'),
    );
  });
});

describe('age and address of envelopes', () => {
  const nowMs = 1_800_000_000_000;
  const skewMs = QUEUE_LIMITS.clockSkewMaxMs;
  const text = seal({ nowMs });

  it('is accepted up to its age, give or take the clocks of two machines', () => {
    expect(open(text, { nowMs: nowMs + 1_000 + skewMs }).ok).toBe(true);
    expect(open(text, { nowMs: nowMs + 1_001 + skewMs })).toEqual(refusedFor('too old'));
    expect(open(text, { nowMs: nowMs - skewMs }).ok).toBe(true);
    expect(open(text, { nowMs: nowMs - skewMs - 1 })).toEqual(refusedFor('from the future'));
  });

  it('is refused when it answers another ask', () => {
    const reply = seal({ inReplyTo: nonce });
    expect(open(reply, { inReplyTo: 'cd'.repeat(16) })).toEqual(refusedFor('inReplyTo'));
  });

  it('is refused when its sender may not send on this queue', () => {
    expect(open(seal(), { from: ['auth'] })).toEqual(refusedFor('from'));
  });
});
