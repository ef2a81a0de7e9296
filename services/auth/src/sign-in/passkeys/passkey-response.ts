import { z } from 'zod';

const RESPONSE_CHARS_MAX = 12_000;
const base64url = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(8_192);
const extensions = z.record(z.string(), z.unknown()).default({});
const attachment = z.enum(['cross-platform', 'platform']).optional();

const shared = {
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  clientExtensionResults: extensions,
  authenticatorAttachment: attachment,
};

/** What `navigator.credentials.get()` gave, as JSON (WebAuthn Level 3, section 5.1.8). */
export const assertionSchema = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.optional(),
  }),
});

/** What `navigator.credentials.create()` gave. */
export const attestationSchema = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(32)).max(8).optional(),
  }),
});

/** Parses the JSON of a form field; undefined for anything else. */
export function parseResponse<S extends z.ZodType>(schema: S, text: string) {
  if (text.length > RESPONSE_CHARS_MAX) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The challenge that a browser says it signed; only as good as the signature over it. */
export function challengeOf(clientDataJson: string): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8'));
    const { challenge } = data as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
}
