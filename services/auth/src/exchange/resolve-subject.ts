import { endOfKey, type KeyWithOwner } from '../api-keys/api-key.ts';
import { looksLikeApiKey, parseApiKey } from '../api-keys/parse-api-key.ts';
import { type VerifyApiKeysDeps, verifyApiKeys } from '../api-keys/verify-api-keys.ts';
import type { Actor } from '../tokens/mint-signer-token.ts';
import { type OAuthOutcome, refuseGrant, refuseOAuth } from '../tokens/oauth-refusal.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import {
  isStopped,
  type UsageClaims,
  usageClaimsSchema,
  verifyToken,
} from '../tokens/verify-token.ts';
import {
  type ExternalSubjectDeps,
  issuerOf,
  resolveExternalSubject,
} from './resolve-external-subject.ts';
import type { ResolvedSubject } from './resolved-subject.ts';

export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';
export const ID_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:id_token';
/** What another issuer's JWT may be called; an ID token of ours is for its client alone. */
const EXTERNAL_TYPES = new Set([ACCESS_TOKEN_TYPE, JWT_TYPE, ID_TOKEN_TYPE]);
export const API_KEY_TYPE = 'urn:pymthouse:oauth:token-type:api_key';

export type ResolveSubjectDeps = TokenDeps & VerifyApiKeysDeps & ExternalSubjectDeps;

export type SubjectInput = {
  readonly token: string;
  readonly type: string;
  readonly fromBrowser: boolean;
  readonly surface: string;
  /** The app of the client that asks, once it has proven itself. */
  readonly callerAppId: string | undefined;
};

/** Reads and verifies a subject token: an API key, an access token of ours, another issuer's JWT. */
export async function resolveSubject(
  deps: ResolveSubjectDeps,
  input: SubjectInput,
): Promise<OAuthOutcome<ResolvedSubject>> {
  const { token, type } = input;
  if (type === API_KEY_TYPE || (type === ACCESS_TOKEN_TYPE && looksLikeApiKey(token))) {
    return resolveKey(deps, input);
  }
  const issuer = issuerOf(token);
  if (issuer !== undefined && issuer !== deps.issuer && EXTERNAL_TYPES.has(type)) {
    return resolveExternalSubject(deps, { ...input, issuer, appId: input.callerAppId });
  }
  if (type !== ACCESS_TOKEN_TYPE && type !== JWT_TYPE) {
    return refuseOAuth('invalid_request', 'subject_token_type is not supported');
  }
  const verified = await verifyToken(deps, token, {
    audience: deps.issuer,
    schema: usageClaimsSchema,
  });
  if (!verified.ok) return refuseGrant(verified.detail ?? 'invalid token');
  const claims = verified.value;
  const stopped = await isStopped(deps, claims);
  if (stopped !== undefined) return refuseGrant(stopped);
  return { ok: true, value: subjectOfClaims(deps, claims) };
}

async function resolveKey(
  deps: ResolveSubjectDeps,
  input: SubjectInput,
): Promise<OAuthOutcome<ResolvedSubject>> {
  const { surface, fromBrowser } = input;
  const presented = parseApiKey(input.token);
  if (!presented) {
    deps.recordRefusal({ reason: describeBadKey(input.token), surface });
    return refuseGrant('key of no known form');
  }
  const [verified] = await verifyApiKeys(deps, [{ ...presented, fromBrowser }], surface);
  if (!verified?.ok) return refuseGrant(verified?.detail ?? 'key refused');
  const key = verified.value;
  if (key.kind !== 'secret') {
    deps.recordRefusal({ keyId: key.id, appId: key.appId, reason: 'publishable key', surface });
    return refuseGrant('publishable key');
  }
  return { ok: true, value: subjectOfKey(deps, key) };
}

/** Which of the usual mistakes a credential of no known form is. */
export function describeBadKey(text: string): string {
  if (text === '') return 'missing';
  if (text.trim() !== text) return 'white space around the key';
  if (/^bearer/i.test(text)) return 'the word Bearer is part of the key';
  return /^lp_[sp]k_/.test(text) ? 'truncated or mistyped key' : 'not an API key';
}

function subjectOfKey(deps: TokenDeps, key: KeyWithOwner): ResolvedSubject {
  const isUser = key.userId !== null && key.externalUserId !== null;
  return {
    appId: key.appId,
    subject: isUser
      ? { kind: 'user', userId: key.userId, externalUserId: key.externalUserId }
      : { kind: 'app' },
    scopes: key.scopes,
    remainingSec: Math.floor((endOfKey(key) - deps.nowMs()) / 1000),
    client: undefined,
    keyId: key.id,
    grantId: undefined,
    act: undefined,
    mayAct: undefined,
  };
}

function subjectOfClaims(deps: TokenDeps, claims: UsageClaims): ResolvedSubject {
  const { external_user_id: externalUserId, usage_subject: usageSubject } = claims;
  return {
    appId: claims.client_id,
    subject:
      externalUserId === undefined
        ? { kind: 'app' }
        : { kind: 'user', userId: usageSubject, externalUserId },
    scopes: claims.scope.split(' '),
    remainingSec: claims.exp - Math.floor(deps.nowMs() / 1000),
    client: claims.azp,
    keyId: claims.key_id,
    grantId: claims.grant_id,
    act: claims.act as Actor | undefined,
    mayAct: claims.may_act?.sub,
  };
}
