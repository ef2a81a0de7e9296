import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** One version of the key that API key hashes are made with. */
export type Pepper = { readonly version: number; readonly key: KeyObject };

/** The first is used for new keys; all are tried when a key is looked up. */
export type Peppers = readonly [Pepper, ...Pepper[]];

const ENTRY = /^([1-9][0-9]{0,5}):([0-9a-f]{64})$/;
const VERSIONS_MAX = 4;

/**
 * Parses `version:hex64[,version:hex64…]`. To rotate, put a new version first; a key is
 * re-hashed under it the next time it is seen.
 *
 * @throws Error without the value.
 */
export function parsePeppers(text: string): Peppers {
  const peppers = text.split(',').map((part) => {
    const [, version, hex] = ENTRY.exec(part.trim()) ?? [];
    if (!version || !hex) throw new Error('has the form version:hex64, separated by commas');
    return { version: Number(version), key: createSecretKey(Buffer.from(hex, 'hex')) };
  });
  const versions = new Set(peppers.map((pepper) => pepper.version));
  if (versions.size !== peppers.length) throw new Error('two peppers with the same version');
  const [first, ...rest] = peppers;
  if (!first || peppers.length > VERSIONS_MAX) throw new Error(`one to ${VERSIONS_MAX} versions`);
  return [first, ...rest];
}

/** HMAC-SHA-256 (pepper, SHA-256 (key)): what the database keeps of an API key. */
export function pepperHash(pepper: Pepper, keySha256: Uint8Array): Buffer {
  return createHmac('sha256', pepper.key).update(keySha256).digest();
}
