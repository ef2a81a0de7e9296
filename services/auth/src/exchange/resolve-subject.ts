import type { KeyWithOwner } from '../api-keys/api-key.ts';
import { looksLikeApiKey, parseApiKey } from '../api-keys/parse-api-key.ts';
import { type VerifyApiKeysDeps, verifyApiKeys } from '../api-keys/verify-api-keys.ts';
import type { Actor, UsageSubject } from '../tokens/mint-signer-token.ts';
import { type OAuthOutcome, refuseGrant, refuseOAuth } from '../tokens/oauth-refusal.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import {
  isStopped,
  type UsageClaims,
  usageClaimsSchema,
  verifyToken,
} from '../tokens/verify-token.ts';

export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';
export const API_KEY_TYPE = 'urn:pymthouse:oauth:token-type:api_key';

/** Who a subject token speaks for, and how far. */
export type ResolvedSubject = {
  readonly appId: string;
  readonly subject: UsageSubject;
  readonly scopes: readonly string[];
  readonly remainingSec: number;
  /** The client the token was issued to; undefined for an API key. */
  readonly client: string | undefined;
  readonly keyId: string | undefined;
  readonly grantId: string | undefined;
  readonly act: Actor | undefined;
  readonly mayAct: string | undefined;
};

export type ResolveSubjectDeps = TokenDeps & VerifyApiKeysDeps;

export type SubjectInput = {
  readonly token: string;
  readonly type: string;
  readonly fromBrowser: boolean;
  readonly surface: string;
};

/** Reads and verifies a subject token: an API key, or an access token for the issuer. */
export async function resolveSubject(
  deps: ResolveSubjectDeps,
  input: SubjectInput,
): Promise<OAuthOutcome<ResolvedSubject>> {
  const { token, type } = input;
  if (type === API_KEY_TYPE || (type === ACCESS_TOKEN_TYPE && looksLikeApiKey(token))) {
    return resolveKey(deps, input);
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
    remainingSec: Math.floor((key.expiresAt.getTime() - deps.nowMs()) / 1000),
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
