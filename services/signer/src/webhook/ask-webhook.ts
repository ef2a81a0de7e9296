import { createHmac } from 'node:crypto';
import { readResponse } from '../chain/read-response.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import { readVerdict, type Verdict } from './read-verdict.ts';

/** The header of our signature over a request; go-livepeer's own signer sends none. */
export const WEBHOOK_SIGNATURE_HEADER = 'Clearinghouse-Signature';

export type WebhookOptions = {
  readonly url: string;
  /** Sent with every request, such as the webhook's own secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Key of the HMAC over time and body; none, no signature. */
  readonly secret: Uint8Array | undefined;
};

/** Asks the operator's webhook; the fault is for the log, the caller is told nothing of it. */
export type AskWebhook = (
  body: string,
) => Promise<{ ok: true; verdict: Verdict } | { ok: false; fault: string }>;

/**
 * Makes the way to the webhook: one POST, five seconds, 64 KiB. Anything but HTTP 200 with a
 * readable verdict is a fault, never a permission.
 */
export function createWebhookAsker(
  deps: { readonly fetch: typeof fetch; readonly nowMs: () => number },
  options: WebhookOptions,
): AskWebhook {
  return async (body) => {
    try {
      const response = await deps.fetch(options.url, {
        method: 'POST',
        headers: {
          ...options.headers,
          ...signature(options.secret, body, deps.nowMs()),
          'Content-Type': 'application/json',
        },
        body,
        signal: AbortSignal.timeout(RUNTIME_LIMITS.webhookTimeoutMs),
      });
      const text = await readResponse(response, RUNTIME_LIMITS.webhookBytesMax);
      if (response.status !== 200) return { ok: false, fault: `status ${response.status}` };
      const verdict = readVerdict(text);
      return verdict ? { ok: true, verdict } : { ok: false, fault: 'not a verdict' };
    } catch (error) {
      return { ok: false, fault: error instanceof Error ? error.name : 'unknown' };
    }
  };
}

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 over `<unix seconds>.<body>`. */
function signature(
  secret: Uint8Array | undefined,
  body: string,
  nowMs: number,
): Record<string, string> {
  if (secret === undefined) return {};
  const sec = Math.floor(nowMs / 1000);
  const mac = createHmac('sha256', secret).update(`${sec}.${body}`).digest('hex');
  return { [WEBHOOK_SIGNATURE_HEADER]: `t=${sec},v1=${mac}` };
}
