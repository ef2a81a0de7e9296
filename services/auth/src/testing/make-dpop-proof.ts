import { createHash, randomUUID, type webcrypto } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A client's key for proofs of possession (RFC 9449). */
export type DpopKey = { readonly privateKey: webcrypto.CryptoKey; readonly publicJwk: JWK };

/** What a proof says; everything may be wrong on purpose. */
export type ProofClaims = {
  readonly htm?: string;
  readonly htu: string;
  readonly jti?: string;
  readonly iat?: number;
  readonly nonce?: string;
  /** The access token that it goes with. */
  readonly accessToken?: string;
};

/** Makes a key for proofs. */
export async function makeDpopKey(): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, publicJwk: await exportJWK(publicKey) };
}

/** Signs a proof. */
export function makeDpopProof(key: DpopKey, claims: ProofClaims): Promise<string> {
  const { accessToken, nonce } = claims;
  const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url');
  return new SignJWT({
    htm: claims.htm ?? 'POST',
    htu: claims.htu,
    jti: claims.jti ?? randomUUID(),
    ...(nonce === undefined ? {} : { nonce }),
    ...(ath === undefined ? {} : { ath }),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicJwk })
    .setIssuedAt(claims.iat ?? Math.floor(Date.now() / 1000))
    .sign(key.privateKey);
}
