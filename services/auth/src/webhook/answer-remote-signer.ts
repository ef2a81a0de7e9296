import {
  type AuthorizeRequestDeps,
  authorizeRequest,
  type Identity,
} from '../forward-auth/authorize-request.ts';
import { LIMITS } from '../limits.ts';

/** What go-livepeer's own signer is told: always HTTP 200, the verdict inside. */
export type WebhookVerdict = {
  readonly status: number;
  readonly reason?: string;
  readonly code?: string;
  /** Unix seconds until which it need not ask again: how long a revocation may go unnoticed. */
  readonly expiry?: number;
  readonly auth_id?: string;
  readonly identity?: {
    readonly issuer: string;
    readonly client_id: string;
    readonly usage_subject: string;
    readonly usage_subject_type: 'app' | 'app_user';
  };
};

const UNAUTHORIZED = { status: 401, reason: 'Invalid API key', code: 'invalid_token' } as const;

/**
 * Answers the identity webhook of a go-livepeer signer (`-remoteSignerWebhookUrl`), for operators
 * who keep that signer: who is behind the caller's `Authorization`, and until when that is good.
 *
 * @param caller the caller's headers, as the signer handed them on; empty for those it had not.
 */
export async function answerRemoteSigner(
  deps: AuthorizeRequestDeps,
  caller: { readonly authorization: string; readonly origin: string },
): Promise<WebhookVerdict> {
  const outcome = await authorizeRequest(deps, caller);
  if (!outcome.ok) {
    if (outcome.code === 'rate_limited') return { status: 429, reason: 'rate limited' };
    if (outcome.code === 'invalid_token') return UNAUTHORIZED;
    return { status: 403, reason: 'not allowed', code: outcome.code };
  }
  const identity = outcome.value;
  if (!identity.scopes.includes('sign:job') || identity.kind === 'publishable') {
    return { status: 403, reason: 'not allowed', code: 'insufficient_scope' };
  }
  return accept(deps, identity);
}

function accept(deps: AuthorizeRequestDeps, identity: Identity): WebhookVerdict {
  const { appId, subject, endsAtMs = Number.POSITIVE_INFINITY } = identity;
  const untilMs = Math.min(deps.nowMs() + LIMITS.webhookVerdictSec * 1000, endsAtMs);
  return {
    status: 200,
    expiry: Math.floor(untilMs / 1000),
    auth_id: `${appId}:${subject}`,
    identity: {
      issuer: deps.issuer,
      client_id: appId,
      usage_subject: subject,
      usage_subject_type: subject === 'app' ? 'app' : 'app_user',
    },
  };
}
