import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Sealer } from '../secrets/sealer.ts';
import type { SigningAlg } from '../tokens/key-ring.ts';
import type { SigningKeyRow } from './signing-key-store.ts';

const RSA_BITS = 2048;

/**
 * Makes a key pair; the private half leaves this function only sealed.
 *
 * @param beside a key that the replicas can open: what opens that one opens the new one too. While
 * the key encryption key changes, another replica may not have the first of ours yet.
 * @throws Error when that key cannot be opened: KEY_ENCRYPTION_KEY is not the replicas'.
 */
export async function generateSigningKey(
  sealer: Sealer,
  alg: SigningAlg,
  status: 'next' | 'active',
  beside?: Pick<SigningKeyRow, 'kid' | 'privateSealed'>,
): Promise<SigningKeyRow> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: RSA_BITS });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = createHash('sha256')
    .update(await calculateJwkThumbprint(publicJwk))
    .digest('base64url')
    .slice(0, 22);
  const members = { kid, alg, use: 'sig' };
  const privateJwk = { ...(await exportJWK(pair.privateKey)), ...members };
  const text = JSON.stringify(privateJwk);
  const privateSealed = beside
    ? sealer.sealLike(sealedOf(beside), text, signingKeyPurpose(kid))
    : sealer.seal(text, signingKeyPurpose(kid));
  return { kid, alg, status, publicJwk: { ...publicJwk, ...members }, privateSealed };
}

function sealedOf({ kid, privateSealed }: Pick<SigningKeyRow, 'kid' | 'privateSealed'>) {
  return { sealed: privateSealed, purpose: signingKeyPurpose(kid) };
}

/** Binds a sealed key to its row. */
export function signingKeyPurpose(kid: string): string {
  return `signing-key ${kid}`;
}
