import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Sealer } from '../secrets/sealer.ts';
import type { SigningAlg } from '../tokens/key-ring.ts';
import type { SigningKeyRow } from './signing-key-store.ts';

const RSA_BITS = 2048;

/** Makes a key pair; the private half leaves this function only sealed. */
export async function generateSigningKey(
  sealer: Sealer,
  alg: SigningAlg,
  status: 'next' | 'active',
): Promise<SigningKeyRow> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = createHash('sha256')
    .update(await calculateJwkThumbprint(publicJwk))
    .digest('base64url')
    .slice(0, 22);
  const members = { kid, alg, use: 'sig' };
  const privateJwk = { ...(await exportJWK(pair.privateKey)), ...members };
  const privateSealed = sealer.seal(JSON.stringify(privateJwk), signingKeyPurpose(kid));
  return { kid, alg, status, publicJwk: { ...publicJwk, ...members }, privateSealed };
}

/** Binds a sealed key to its row. */
export function signingKeyPurpose(kid: string): string {
  return `signing-key ${kid}`;
}
