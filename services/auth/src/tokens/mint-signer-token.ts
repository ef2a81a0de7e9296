import { randomUUID } from 'node:crypto';
import {
  APP_SUBJECT,
  SIGN_JOB_SCOPE,
  SIGNER_TOKEN_TTL_SEC,
  type SignerTokenClaims,
} from '@clearinghouse/shared';
import { signToken } from './sign-token.ts';
import type { TokenDeps } from './token-deps.ts';

/** Whom the token speaks for. */
export type UsageSubject =
  | { readonly kind: 'app' }
  | { readonly kind: 'user'; readonly userId: string; readonly externalUserId: string };

/** Who acts, when it is not the subject's own client (RFC 8693, section 4.1). */
export type Actor = { readonly sub: string; readonly act?: Actor };

export type SignerTokenInput = {
  readonly appId: string;
  readonly subject: UsageSubject;
  /** The client that asked: a machine's id, or the app's public id. */
  readonly callingClient: string;
  readonly keyId?: string | undefined;
  readonly grantId?: string | undefined;
  readonly act?: Actor | undefined;
  /** Seconds; never more than this, whatever the usual lifetime. */
  readonly ttlMaxSec?: number | undefined;
};

export type MintedToken = { readonly accessToken: string; readonly expiresInSec: number };

/** Mints a signer token, see `packages/shared/src/contracts/signer-token.ts`. */
export async function mintSignerToken(
  deps: TokenDeps,
  input: SignerTokenInput,
): Promise<MintedToken> {
  const expiresInSec = Math.min(SIGNER_TOKEN_TTL_SEC, input.ttlMaxSec ?? SIGNER_TOKEN_TTL_SEC);
  const accessToken = await signUsageToken(deps, { ...input, ttlSec: expiresInSec });
  return { accessToken, expiresInSec };
}

/** Signs the claims that signer tokens and user tokens share. */
export async function signUsageToken(
  deps: TokenDeps,
  input: SignerTokenInput & { ttlSec: number },
): Promise<string> {
  const { subject, callingClient } = input;
  const isUser = subject.kind === 'user';
  const iat = Math.floor(deps.nowMs() / 1000);
  const claims: SignerTokenClaims = {
    iss: deps.issuer,
    aud: deps.issuer,
    sub: isUser ? subject.userId : callingClient,
    scope: SIGN_JOB_SCOPE,
    client_id: input.appId,
    azp: callingClient,
    usage_subject: isUser ? subject.userId : APP_SUBJECT,
    jti: randomUUID(),
    iat,
    exp: iat + input.ttlSec,
    ...(isUser ? { external_user_id: subject.externalUserId } : {}),
    ...(input.keyId === undefined ? {} : { key_id: input.keyId }),
    ...(input.grantId === undefined ? {} : { grant_id: input.grantId }),
  };
  const act = input.act === undefined ? {} : { act: input.act };
  return signToken(deps.keys(), { ...claims, ...act }, 'at+jwt');
}
