import { createHash } from 'node:crypto';
import { SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { RecordRefusal } from '../audit/record-refusal.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import { insertArtifactOnce } from '../oidc/artifact-store.ts';
import type { Actor } from '../tokens/mint-signer-token.ts';
import { type OAuthOutcome, refuseGrant, refuseOAuth } from '../tokens/oauth-refusal.ts';
import { upsertUser } from '../users/upsert-user.ts';
import { externalUserIdSchema, type User } from '../users/user.ts';
import { findUserByExternalId } from '../users/user-store.ts';
import type { ExternalIssuer } from './external-issuer.ts';
import { findExternalIssuer } from './external-issuer-store.ts';
import type { ExternalKeys } from './fetch-external-keys.ts';
import type { ResolvedSubject } from './resolved-subject.ts';

export type ExternalSubjectDeps = ChangeIdentityDeps & {
  readonly externalKeys: ExternalKeys;
  readonly recordRefusal: RecordRefusal;
  readonly nowMs: () => number;
};

/** The kinds of JWT that speak for a user; a logout token or a proof does not. */
const TYPES = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);

const claimsSchema = z.looseObject({
  exp: z.number().int(),
  iat: z.number().int(),
  jti: z.string().min(1).max(256).optional(),
  act: z.looseObject({ sub: z.string().min(1).max(128) }).optional(),
  may_act: z.looseObject({ sub: z.string() }).optional(),
  cnf: z.undefined().optional(),
});

/** The issuer that a token names, before anything of it is believed. */
export function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/**
 * Reads and verifies a JWT of another issuer that the caller's app trusts: signature by a key of
 * the registered address, registered algorithms only, issuer, audience, times; each token once.
 * It speaks for one user of the app, for signing jobs, for no longer than it lives.
 */
export async function resolveExternalSubject(
  deps: ExternalSubjectDeps,
  input: { token: string; issuer: string; appId: string | undefined; surface: string },
): Promise<OAuthOutcome<ResolvedSubject>> {
  const { token, appId, surface } = input;
  if (appId === undefined) {
    return refuseOAuth('invalid_client', 'a token of another issuer needs a proven client');
  }
  const trusted = await findExternalIssuer(deps.db, appId, input.issuer);
  const refuse = (reason: string) => {
    deps.recordRefusal({ appId, reason: `external token: ${reason}`, surface });
    return refuseGrant(reason);
  };
  if (!trusted) return refuse('issuer not registered');
  const verified = await verify(deps, token, trusted);
  if (typeof verified === 'string') return refuse(verified);
  const user = await userOf(deps, trusted, verified);
  if (user?.status !== 'active') return refuse('no active user of that name');
  if (!(await isFirstUse(deps, token, trusted, verified))) return refuse('used before');
  return { ok: true, value: subjectOf(deps, trusted, verified, user) };
}

type Claims = z.infer<typeof claimsSchema>;

async function verify(
  deps: ExternalSubjectDeps,
  token: string,
  trusted: ExternalIssuer,
): Promise<Claims | string> {
  let payload: JWTPayload;
  try {
    const keyOf = (header: Parameters<ExternalKeys>[1]) =>
      deps.externalKeys(trusted.jwksUri, header);
    const verified = await jwtVerify(token, keyOf, {
      algorithms: [...trusted.algs],
      issuer: trusted.issuer,
      audience: trusted.audience,
      clockTolerance: LIMITS.clockToleranceSec,
      currentDate: new Date(deps.nowMs()),
    });
    if (!TYPES.has(verified.protectedHeader.typ?.toLowerCase())) return 'kind of token';
    ({ payload } = verified);
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 120) : 'not a token';
  }
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) return 'claims';
  const { exp, iat } = claims.data;
  if (iat > deps.nowMs() / 1000 + LIMITS.clockToleranceSec) return 'from the future';
  return exp - iat > LIMITS.externalTokenTtlSecMax ? 'lives too long' : claims.data;
}

async function userOf(
  deps: ExternalSubjectDeps,
  trusted: ExternalIssuer,
  claims: Claims,
): Promise<User | undefined> {
  const externalUserId = externalUserIdSchema.safeParse(claims[trusted.subjectClaim]);
  if (!externalUserId.success) return undefined;
  const { appId, id: actor } = trusted;
  const known = await findUserByExternalId(deps.db, appId, externalUserId.data);
  if (known || !trusted.provisionsUsers) return known;
  return (await upsertUser(deps, { appId, externalUserId: externalUserId.data, actor })).user;
}

/** Each token is exchanged once, over all replicas; one without an id by its own hash. */
async function isFirstUse(
  deps: ExternalSubjectDeps,
  token: string,
  trusted: ExternalIssuer,
  claims: Claims,
): Promise<boolean> {
  const name = claims.jti ?? createHash('sha256').update(token).digest('base64url');
  const leftSec = Math.ceil(claims.exp - deps.nowMs() / 1000) + LIMITS.clockToleranceSec;
  return insertArtifactOnce(deps.db, 'ReplayDetection', `${trusted.id} ${name}`, leftSec);
}

function subjectOf(
  deps: ExternalSubjectDeps,
  trusted: ExternalIssuer,
  claims: Claims,
  user: User,
): ResolvedSubject {
  return {
    appId: trusted.appId,
    subject: { kind: 'user', userId: user.id, externalUserId: user.externalUserId },
    scopes: [SIGN_JOB_SCOPE],
    remainingSec: Math.floor(claims.exp - deps.nowMs() / 1000),
    // Whoever presents it is not whom it was issued to, and stands in the chain of actors.
    client: trusted.id,
    keyId: undefined,
    grantId: undefined,
    act: claims.act as Actor | undefined,
    mayAct: claims.may_act?.sub,
  };
}
