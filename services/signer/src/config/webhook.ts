import { z } from 'zod';
import type { WebhookOptions } from '../webhook/ask-webhook.ts';

const SECRET_CHARS_MIN = 32;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** go-livepeer's `-remoteSignerWebhookHeaders`: `Key:Val,Key2:Val2`. */
const headers = z.string().transform((text, ctx): Record<string, string> => {
  const pairs = text.split(',').filter((part) => part.trim() !== '');
  const entries = pairs.map((pair) => {
    const at = pair.indexOf(':');
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  if (entries.every(([name]) => HEADER_NAME.test(name))) return Object.fromEntries(entries);
  ctx.addIssue({ code: 'custom', message: 'not Key:Val pairs with commas between' });
  return z.NEVER;
});

/** Variables of the mode in which the operator's own webhook says who may pay. */
export const webhookShape = {
  REMOTE_SIGNER_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  REMOTE_SIGNER_WEBHOOK_HEADERS: headers.optional(),
  REMOTE_SIGNER_WEBHOOK_SECRET: z.string().min(SECRET_CHARS_MIN).optional(),
  REMOTE_SIGNER_WEBHOOK_APP_ID: z
    .string()
    .regex(/^app_[0-9a-f]{24}$/, 'not the id of an app')
    .optional(),
};

/** The mode's settings; `appId` is the app whose account pays. */
export type WebhookConfig = WebhookOptions & { readonly appId: string };

type Raw = z.infer<z.ZodObject<typeof webhookShape>>;

/** The settings as read; nothing when no URL is set. */
export function webhookOf(raw: Raw): WebhookConfig | undefined {
  const { REMOTE_SIGNER_WEBHOOK_URL: url, REMOTE_SIGNER_WEBHOOK_APP_ID: appId } = raw;
  if (url === undefined || appId === undefined) return undefined;
  const secret = raw.REMOTE_SIGNER_WEBHOOK_SECRET;
  return {
    url,
    appId,
    headers: raw.REMOTE_SIGNER_WEBHOOK_HEADERS ?? {},
    secret: secret === undefined ? undefined : Buffer.from(secret, 'utf8'),
  };
}

/** What of the settings does not fit together. */
export function webhookFaults(raw: Raw): string[] {
  const { REMOTE_SIGNER_WEBHOOK_URL: url, REMOTE_SIGNER_WEBHOOK_APP_ID: appId } = raw;
  if (url !== undefined && appId === undefined) {
    return ['REMOTE_SIGNER_WEBHOOK_APP_ID: needed with REMOTE_SIGNER_WEBHOOK_URL'];
  }
  const others = Object.keys(webhookShape).filter(
    (name) => name !== 'REMOTE_SIGNER_WEBHOOK_URL' && raw[name as keyof Raw] !== undefined,
  );
  return url === undefined
    ? others.map((name) => `${name}: REMOTE_SIGNER_WEBHOOK_URL is not set`)
    : [];
}
