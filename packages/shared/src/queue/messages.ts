import { z } from 'zod';
import { QUEUE_LIMITS } from './limits.ts';

/** What stands in the envelope of an ask. */
export const askBodySchema = z.strictObject({
  /** Wall clock, milliseconds: after this nobody waits for the answer. */
  deadlineAt: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** The asking process, whose reply queue gets the answer. */
  replicaId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  body: z.unknown(),
});
export type AskBody = z.infer<typeof askBodySchema>;

/** What stands in the envelope of a reply: the answer, or why there is none. */
export const replyBodySchema = z.union([
  z.strictObject({ ok: z.literal(true), body: z.unknown() }),
  z.strictObject({ ok: z.literal(false), code: z.enum(['unavailable', 'bad_envelope']) }),
]);
export type ReplyBody = z.infer<typeof replyBodySchema>;

/** What a job holds: sealed envelopes, each opened on its own. */
export type JobData = { readonly e: readonly string[] };

/** The envelopes of a job. */
export function envelopesOf(data: unknown): readonly unknown[] {
  if (typeof data !== 'object' || data === null || !('e' in data)) return NOT_OURS;
  if (!Array.isArray(data.e) || data.e.length > QUEUE_LIMITS.envelopesPerJobMax) return NOT_OURS;
  return data.e;
}

/** One envelope that cannot be opened: a job of another make is refused as a forged one is. */
const NOT_OURS: readonly unknown[] = [undefined];

/** JSON text to a value; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
