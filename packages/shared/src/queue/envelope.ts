import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Outcome, ok, refused } from '../outcome.ts';
import type { QueueDirection, QueueKeys } from './keys.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { parseJson } from './messages.ts';
import type { ServiceName } from './queues.ts';

const VERSION = 1;
const MAC_BYTES = 32;

/** What an envelope says of itself. `body` is JSON text, exactly as it was signed. */
export type Envelope = {
  readonly v: typeof VERSION;
  readonly kid: string;
  readonly queue: string;
  readonly from: ServiceName;
  readonly to: ServiceName;
  /** 128 random bits, hex. */
  readonly nonce: string;
  /** The nonce of the ask that this answers; empty when it answers none. */
  readonly inReplyTo: string;
  /** Wall clock of the sender, milliseconds. */
  readonly issuedAt: number;
  readonly body: string;
};

const headerSchema = z.strictObject({
  v: z.literal(VERSION),
  kid: z.string().min(1).max(32),
  queue: z.string().min(1).max(128),
  from: z.enum(['auth', 'billing', 'signer']),
  to: z.enum(['auth', 'billing', 'signer']),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  inReplyTo: z.string().regex(/^(?:[0-9a-f]{32})?$/),
  issuedAt: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  mac: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** A sealed envelope: the text that goes into the queue, and its nonce. */
export type SealedEnvelope = { readonly text: string; readonly nonce: string };

/**
 * Seals a message: one line of JSON with every field but the body, a line break, the body.
 * The HMAC-SHA-256 covers every field, the body as the exact text that travels, so nothing has
 * to be put into a canonical form.
 *
 * @param input.inReplyTo nonce of the ask that this answers, or `''`.
 * @param input.body anything JSON can carry.
 * @throws Error when this service has no key for the direction: a fault of configuration.
 */
export function sealEnvelope(
  keys: QueueKeys,
  input: {
    queue: string;
    from: ServiceName;
    to: ServiceName;
    inReplyTo: string;
    body: unknown;
    nowMs?: number;
  },
): SealedEnvelope {
  const { queue, from, to, inReplyTo } = input;
  const key = keys[directionOf(from, to)]?.[0];
  if (!key) throw new Error(`no queue key for ${directionOf(from, to)}`);
  const nonce = randomBytes(16).toString('hex');
  const issuedAt = input.nowMs ?? Date.now();
  const body = JSON.stringify(input.body ?? null);
  const fields = { v: VERSION, kid: key.kid, queue, from, to, nonce, inReplyTo, issuedAt } as const;
  const mac = macOf(key.key, { ...fields, body }).toString('base64url');
  return { text: `${JSON.stringify({ ...fields, mac })}\n${body}`, nonce };
}

/** What the receiver knows before it looks. */
export type ExpectedEnvelope = {
  readonly queue: string;
  readonly from: readonly ServiceName[];
  readonly to: ServiceName;
  /** When given, the envelope must answer exactly this ask. */
  readonly inReplyTo?: string;
  readonly maxAgeMs: number;
  readonly nowMs?: number;
};

/**
 * Opens an envelope: shape, sender, receiver, queue, age, then the mac in constant time.
 * `detail` names the check that failed and never any content.
 *
 * Codes: `bad_envelope`.
 */
export function openEnvelope(
  keys: QueueKeys,
  text: unknown,
  expected: ExpectedEnvelope,
): Outcome<Envelope, 'bad_envelope'> {
  if (typeof text !== 'string') return refused('bad_envelope', 'not text');
  if (text.length > QUEUE_LIMITS.envelopeCharsMax) return refused('bad_envelope', 'too long');
  const lineEnd = text.indexOf('\n');
  const header = headerSchema.safeParse(parseJson(text.slice(0, Math.max(lineEnd, 0))));
  if (!header.success) return refused('bad_envelope', 'shape');
  const { mac, ...fields } = header.data;
  const envelope: Envelope = { ...fields, body: text.slice(lineEnd + 1) };
  const wrong = firstMismatch(envelope, expected);
  if (wrong) return refused('bad_envelope', wrong);
  const candidates = keys[directionOf(envelope.from, envelope.to)] ?? [];
  const key = candidates.find((candidate) => candidate?.kid === envelope.kid);
  if (!key) return refused('bad_envelope', 'unknown kid');
  const given = Buffer.from(mac, 'base64url');
  if (given.length !== MAC_BYTES || !timingSafeEqual(given, macOf(key.key, envelope))) {
    return refused('bad_envelope', 'mac');
  }
  return ok(envelope);
}

function firstMismatch(envelope: Envelope, expected: ExpectedEnvelope): string | undefined {
  if (envelope.queue !== expected.queue) return 'queue';
  if (!expected.from.includes(envelope.from)) return 'from';
  if (envelope.to !== expected.to) return 'to';
  if (expected.inReplyTo !== undefined && envelope.inReplyTo !== expected.inReplyTo) {
    return 'inReplyTo';
  }
  const ageMs = (expected.nowMs ?? Date.now()) - envelope.issuedAt;
  if (ageMs > expected.maxAgeMs + QUEUE_LIMITS.clockSkewMaxMs) return 'too old';
  if (ageMs < -QUEUE_LIMITS.clockSkewMaxMs) return 'from the future';
  return undefined;
}

function directionOf(from: ServiceName, to: ServiceName): QueueDirection {
  return `${from}-to-${to}`;
}

/** Every field is preceded by its length in bytes, so no two envelopes give the same input. */
function macOf(key: KeyObject, envelope: Envelope): Buffer {
  const { v, kid, queue, from, to, nonce, inReplyTo, issuedAt, body } = envelope;
  const fields = [String(v), kid, queue, from, to, nonce, inReplyTo, String(issuedAt)];
  const head = fields.map((field) => `${Buffer.byteLength(field)}:${field}`).join('');
  return createHmac('sha256', key)
    .update(head)
    .update(`${Buffer.byteLength(body)}:`)
    .update(body)
    .digest();
}
