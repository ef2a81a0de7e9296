import { createHash } from 'node:crypto';
import { idField, SIGN_JOB_SCOPE } from '@clearinghouse/shared';
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
  act: z.unknown().optional(),
  may_act: z.looseObject({ sub: z.string() }).optional(),
  cnf: z.undefined().optional(),
});

const actorSchema = z.looseObject({ sub: idField });
/** A name that an issuer may be registered by. */
const ISSUER = /^[\x21-\x7e]{1,512}$/;

/** The issuer that a token names, before anything of it is believed. */
export function issuerOf(token: string): string | undefined {
  try {
    // Whatever the library's type says, it has looked at no claim yet.
    const { iss }: { iss?: unknown } = decodeJwt(token);
    return typeof iss === 'string' && ISSUER.test(iss) ? iss : undefined;
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
  const user = await userOf(deps, trusted, verified.claims);
  if (user?.status !== 'active') return refuse('no active user of that name');
  if (!(await isFirstUse(deps, token, trusted, verified.claims))) return refuse('used before');
  return { ok: true, value: subjectOf(deps, trusted, verified, user) };
}

type Claims = z.infer<typeof claimsSchema>;
type Verified = { readonly claims: Claims; readonly act: Actor | undefined };

async function verify(
  deps: ExternalSubjectDeps,
  token: string,
  trusted: ExternalIssuer,
): Promise<Verified | string> {
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
  if (exp - iat > LIMITS.externalTokenTtlSecMax) return 'lives too long';
  const act = actorsOf(claims.data.act);
  return act === 'malformed' ? 'chain of actors' : { claims: claims.data, act };
}

/**
 * Reads a chain of actors: who each is, and nothing else that another issuer says of them. One link
 * more than may be is kept, so that a longer chain is told from one that fits.
 */
function actorsOf(act: unknown): Actor | undefined | 'malformed' {
  const names: string[] = [];
  for (let next = act; next !== undefined && names.length <= LIMITS.actorDepthMax; ) {
    const actor = actorSchema.safeParse(next);
    if (!actor.success) return 'malformed';
    names.push(actor.data.sub);
    next = actor.data.act;
  }
  return names.reduceRight<Actor | undefined>(
    (inner, sub) => (inner === undefined ? { sub } : { sub, act: inner }),
    undefined,
  );
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

/**
 * Each token is exchanged once, over all replicas; one without an id by the hash of what was
 * signed, since the same signature can be written in other letters.
 */
async function isFirstUse(
  deps: ExternalSubjectDeps,
  token: string,
  trusted: ExternalIssuer,
  claims: Claims,
): Promise<boolean> {
  const signed = token.slice(0, token.lastIndexOf('.'));
  const name = claims.jti ?? createHash('sha256').update(signed).digest('base64url');
  const leftSec = Math.ceil(claims.exp - deps.nowMs() / 1000) + LIMITS.clockToleranceSec;
  return insertArtifactOnce(deps.db, 'ReplayDetection', `${trusted.id} ${name}`, leftSec);
}

function subjectOf(
  deps: ExternalSubjectDeps,
  trusted: ExternalIssuer,
  { claims, act }: Verified,
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
    act,
    mayAct: claims.may_act?.sub,
  };
}
