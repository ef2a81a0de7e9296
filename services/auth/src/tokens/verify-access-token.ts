import { type Outcome, refused } from '@clearinghouse/shared';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { TokenDeps } from './token-deps.ts';
import { verifyToken } from './verify-token.ts';

const id = z.string().min(1).max(128);

/** What every access token of ours has, whichever API it is for. */
const accessTokenSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: id,
  client_id: id,
  azp: id.optional(),
  usage_subject: id.optional(),
  external_user_id: z.string().max(256).optional(),
  scope: z.string().max(LIMITS.scopeCharsMax),
  key_id: id.optional(),
  grant_id: id.optional(),
  act: z.looseObject({ sub: id }).optional(),
  cnf: z.looseObject({ jkt: z.string().optional() }).optional(),
  jti: id,
  iat: z.number().int(),
  exp: z.number().int(),
});

export type AccessTokenClaims = z.infer<typeof accessTokenSchema>;

/**
 * Verifies an access token of this issuer, for the signer or for our API; a sender-constrained
 * one too, since whoever calls this accepts it for nothing.
 */
export async function verifyAccessToken(
  deps: TokenDeps,
  token: string,
): Promise<Outcome<AccessTokenClaims, 'invalid_token'>> {
  const audience = audienceOf(token);
  if (audience !== deps.issuer && audience !== deps.managementAudience) {
    return refused('invalid_token', 'another audience');
  }
  return verifyToken(deps, token, { audience, schema: accessTokenSchema, allowBound: true });
}

/** Read before the signature is verified, only to choose what to verify it against. */
function audienceOf(token: string): string | undefined {
  try {
    const { aud } = decodeJwt(token);
    return typeof aud === 'string' ? aud : undefined;
  } catch {
    return undefined;
  }
}
