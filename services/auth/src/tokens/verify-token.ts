import { idField, type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { findStopped, type PrincipalRef } from '../identity/principal-status.ts';
import { LIMITS } from '../limits.ts';
import type { TokenDeps } from './token-deps.ts';

/** Claims of a management token. */
export const managementClaimsSchema = z.object({
  sub: idField,
  client_id: idField,
  scope: z.string().max(LIMITS.scopeCharsMax),
  /** Of a person's token: what they allowed, and may take back. */
  grant_id: idField.optional(),
  jti: idField,
  iat: z.number().int(),
  exp: z.number().int(),
});

const actorSchema: z.ZodType<{ sub: string; act?: unknown }> = z.looseObject({ sub: idField });

/** Claims of a user or signer token, as a subject of an exchange or at the user's own routes. */
export const usageClaimsSchema = z.object({
  sub: idField,
  client_id: idField,
  azp: idField,
  usage_subject: idField,
  external_user_id: z.string().max(256).optional(),
  scope: z.string().max(LIMITS.scopeCharsMax),
  key_id: idField.optional(),
  grant_id: idField.optional(),
  act: actorSchema.optional(),
  may_act: z.looseObject({ sub: idField }).optional(),
  cnf: z.unknown().optional(),
  jti: idField,
  iat: z.number().int(),
  exp: z.number().int(),
});

export type UsageClaims = z.infer<typeof usageClaimsSchema>;

type Expected<S extends z.ZodType> = {
  readonly audience: string;
  readonly schema: S;
  /** Where nothing is granted by the token: to tell what it is, or to revoke it. */
  readonly allowBound?: boolean;
};

/**
 * Verifies an access token of this issuer: ES256 with a published key, `typ` at+jwt, this issuer,
 * exactly this audience, not expired, claims of the given shape. A sender-constrained token
 * (RFC 9449) is refused: no API of ours reads the proof that it would need.
 *
 * @returns the claims, or `invalid_token` with the reason for the log.
 */
export async function verifyToken<S extends z.ZodType>(
  deps: TokenDeps,
  token: string,
  expected: Expected<S>,
): Promise<Outcome<z.infer<S>, 'invalid_token'>> {
  if (token.length > LIMITS.credentialCharsMax) return refused('invalid_token', 'too long');
  try {
    const { kid } = decodeProtectedHeader(token);
    const key = deps.keys().all.find((known) => known.kid === kid && known.alg === 'ES256');
    if (!key) return refused('invalid_token', 'unknown key id');
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer: deps.issuer,
      audience: expected.audience,
      clockTolerance: LIMITS.clockToleranceSec,
      currentDate: new Date(deps.nowMs()),
    });
    return parseClaims(payload, expected);
  } catch (error) {
    return refused('invalid_token', error instanceof Error ? error.message : 'not a token');
  }
}

function parseClaims<S extends z.ZodType>(
  payload: JWTPayload,
  expected: Expected<S>,
): Outcome<z.infer<S>, 'invalid_token'> {
  if (payload.cnf !== undefined && expected.allowBound !== true) {
    return refused('invalid_token', 'sender-constrained token as a bearer token');
  }
  if (payload.aud !== expected.audience) return refused('invalid_token', 'several audiences');
  const parsed = expected.schema.safeParse(payload);
  return parsed.success ? ok(parsed.data) : refused('invalid_token', 'claims');
}

/** Is any principal of a token suspended or revoked by now? Asked of the database each time. */
export async function isStopped(
  deps: { db: Sql },
  claims: { jti: string } & { [Name in keyof UsageClaims]?: UsageClaims[Name] | undefined },
): Promise<'revoked' | 'suspended' | undefined> {
  const named: [PrincipalRef['kind'], string | undefined][] = [
    ['jti', claims.jti],
    ['client', claims.azp ?? claims.client_id],
    ['app', claims.client_id],
    ['user', claims.usage_subject],
    ['key', claims.key_id],
    ['grant', claims.grant_id],
  ];
  const refs = named.flatMap(([kind, id]) => (id === undefined ? [] : [{ kind, id }]));
  const stopped = await findStopped(deps.db, refs);
  if (stopped.some(({ status }) => status === 'revoked')) return 'revoked';
  return stopped.length > 0 ? 'suspended' : undefined;
}
