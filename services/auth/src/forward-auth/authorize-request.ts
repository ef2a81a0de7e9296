import type { Outcome, Sql } from '@clearinghouse/shared';
import { ok, refused } from '@clearinghouse/shared';
import { endOfKey } from '../api-keys/api-key.ts';
import { findApiKey } from '../api-keys/api-key-store.ts';
import { judgeKeyUse, type KeyRefusal, type KeyUse } from '../api-keys/judge-key-use.ts';
import { looksLikeApiKey, parseApiKey } from '../api-keys/parse-api-key.ts';
import type { RecordRefusal } from '../audit/record-refusal.ts';
import { describeBadKey } from '../exchange/resolve-subject.ts';
import type { ConsumeBound, ConsumeRate, RateOutcome } from '../rate-limits/rate-limit.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import {
  isStopped,
  type UsageClaims,
  usageClaimsSchema,
  verifyToken,
} from '../tokens/verify-token.ts';
import type { FindKey } from './find-key.ts';

export type AuthorizeRequestDeps = TokenDeps & {
  readonly db: Sql;
  readonly findKey: FindKey;
  readonly allowsAnonymous: (appId: string) => Promise<boolean>;
  readonly consumeRate: ConsumeRate;
  readonly consumeBound: ConsumeBound;
  readonly recordRefusal: RecordRefusal;
  readonly markUsed: (keyId: string, ip?: string) => void;
};

/** A request that a proxy asks about, before it lets it through. */
export type ForwardedRequest = KeyUse & {
  /** The `Authorization` header as it came. */
  readonly authorization: string;
  /** By what its address is counted, which is not always the address itself. */
  readonly countedAs?: string | undefined;
  /** Who asks without any credential, when the app lets that. */
  readonly anonymousAppId?: string | undefined;
};

/** Who asks, as the proxy hands it on. */
export type Identity = {
  readonly appId: string;
  readonly subject: string;
  readonly externalUserId: string | undefined;
  readonly keyId: string | undefined;
  readonly scopes: readonly string[];
  readonly kind: 'secret' | 'publishable' | 'token' | 'anonymous';
  /** When the credential ends by itself, unix milliseconds; undefined where there is none. */
  readonly endsAtMs: number | undefined;
};

export type AuthorizeRefusal =
  | Outcome<never, KeyRefusal>
  | { readonly ok: false; readonly code: 'rate_limited'; readonly rate: RateOutcome };

const SURFACE = 'forward auth';
const BEARER = /^bearer +(.+)$/is;

/**
 * Who sends this request, and may they: an API key, an access token of ours, or nobody when the
 * app says so. Nothing is asked of the database about a key or client that was seen in the last
 * five seconds and did not change; every refusal is in the audit log with its reason.
 */
export async function authorizeRequest(
  deps: AuthorizeRequestDeps,
  request: ForwardedRequest,
): Promise<Outcome<Identity, never> | AuthorizeRefusal> {
  const { authorization, anonymousAppId } = request;
  if (authorization === '' && anonymousAppId !== undefined) {
    return asAnonymous(deps, request, anonymousAppId);
  }
  const [, credential] = BEARER.exec(authorization) ?? [];
  if (credential === undefined) return refuse(deps, request, whyNoBearer(authorization));
  return looksLikeApiKey(credential)
    ? byKey(deps, request, credential)
    : byToken(deps, request, credential);
}

async function byKey(
  deps: AuthorizeRequestDeps,
  request: ForwardedRequest,
  credential: string,
): Promise<Outcome<Identity, never> | AuthorizeRefusal> {
  const presented = parseApiKey(credential);
  if (!presented) return refuse(deps, request, describeBadKey(credential));
  const { appId } = presented;
  const key = await deps.findKey(presented.sha256.toString('hex'));
  const judged = judgeKeyUse(key, { ...request, appId }, deps.nowMs());
  if (!judged.ok) {
    const { detail: reason = judged.code } = judged;
    deps.recordRefusal({ keyId: key?.id, appId: key?.appId, reason, surface: SURFACE });
    return judged;
  }
  const found = judged.value;
  const over = await overLimit(deps, found, request.countedAs ?? '');
  if (over) return { ok: false, code: 'rate_limited', rate: over };
  deps.markUsed(found.id, request.ip);
  return ok({
    appId: found.appId,
    subject: found.userId ?? 'app',
    externalUserId: found.externalUserId ?? undefined,
    keyId: found.id,
    scopes: found.scopes,
    kind: found.kind,
    endsAtMs: endOfKey(found),
  });
}

type Limited = { id: string; kind: string; rateLimit: number | null; rateWindowSec: number | null };

/** The key's own limit, and for a publishable key that of each address besides. */
async function overLimit(
  deps: AuthorizeRequestDeps,
  key: Limited,
  countedAs: string,
): Promise<RateOutcome | undefined> {
  if (key.rateLimit !== null && key.rateWindowSec !== null) {
    const bound = { points: key.rateLimit, windowSec: key.rateWindowSec };
    const rate = await deps.consumeBound(bound, key.id);
    if (!rate.ok) return rate;
  }
  if (key.kind !== 'publishable') return undefined;
  const rate = await deps.consumeRate('publishable_key_ip', `${key.id} ${countedAs}`);
  return rate.ok ? undefined : rate;
}

async function byToken(
  deps: AuthorizeRequestDeps,
  request: ForwardedRequest,
  credential: string,
): Promise<Outcome<Identity, never> | AuthorizeRefusal> {
  const schema = usageClaimsSchema;
  const verified = await verifyToken(deps, credential, { audience: deps.issuer, schema });
  if (!verified.ok) return refuse(deps, request, verified.detail ?? 'invalid token');
  const claims = verified.value;
  const stopped = await isStopped(deps, claims);
  if (stopped === 'revoked') return refuse(deps, request, 'token revoked', claims.client_id);
  if (stopped === 'suspended') {
    const { client_id: appId, key_id: keyId } = claims;
    deps.recordRefusal({ keyId, appId, reason: 'suspended', surface: SURFACE });
    return refused('suspended');
  }
  const over = await overLimitOfKey(deps, claims);
  if (over) return { ok: false, code: 'rate_limited', rate: over };
  return ok({
    appId: claims.client_id,
    subject: claims.usage_subject,
    externalUserId: claims.external_user_id,
    keyId: claims.key_id,
    scopes: claims.scope.split(' '),
    kind: 'token',
    endsAtMs: claims.exp * 1000,
  });
}

/** A token that came from a key is bounded as the key is, and together with it. */
async function overLimitOfKey(
  deps: AuthorizeRequestDeps,
  { client_id: appId, key_id: keyId }: UsageClaims,
): Promise<RateOutcome | undefined> {
  if (keyId === undefined) return undefined;
  const key = await findApiKey(deps.db, { appId, keyId });
  return key && overLimit(deps, key, '');
}

async function asAnonymous(
  deps: AuthorizeRequestDeps,
  request: ForwardedRequest,
  appId: string,
): Promise<Outcome<Identity, never> | AuthorizeRefusal> {
  if (!(await deps.allowsAnonymous(appId))) return refuse(deps, request, 'missing', appId);
  const rate = await deps.consumeRate('anonymous_ip', `${appId} ${request.countedAs ?? ''}`);
  if (!rate.ok) return { ok: false, code: 'rate_limited', rate };
  const nobody = {
    externalUserId: undefined,
    keyId: undefined,
    scopes: [],
    endsAtMs: undefined,
  };
  return ok({ appId, subject: 'anonymous', ...nobody, kind: 'anonymous' });
}

function refuse(
  deps: AuthorizeRequestDeps,
  _request: ForwardedRequest,
  reason: string,
  appId?: string,
): Outcome<never, KeyRefusal> {
  deps.recordRefusal({ appId, reason, surface: SURFACE });
  return refused('invalid_token', reason);
}

/** Which of the usual mistakes it is (row 10 of what users check). */
function whyNoBearer(authorization: string): string {
  if (authorization === '') return 'missing';
  if (/^bearer:/i.test(authorization)) return '"Bearer:" instead of "Bearer"';
  return /^bearer/i.test(authorization) ? 'nothing behind Bearer' : 'no Bearer scheme';
}
