import { type JWTPayload, SignJWT } from 'jose';
import type { KeyRing } from './key-ring.ts';

/**
 * Signs claims with the active ES256 key.
 *
 * @param typ `at+jwt` for access tokens (RFC 9068); `JWT` for the token between services.
 */
export async function signToken(
  keys: KeyRing,
  claims: JWTPayload,
  typ: 'at+jwt' | 'JWT',
): Promise<string> {
  const { es256 } = keys;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: es256.alg, kid: es256.kid, typ })
    .sign(es256.privateKey);
}
