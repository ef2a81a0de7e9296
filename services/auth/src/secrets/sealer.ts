import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts what the database keeps, and hashes what it must find again. */
export type Sealer = {
  /** AES-256-GCM; `purpose` is bound as associated data, so that rows cannot be swapped. */
  readonly seal: (plain: string, purpose: string) => Buffer;
  /**
   * Seals with the key that sealed something else: who can open that can open this.
   *
   * @throws Error when no key opens the other.
   */
  readonly sealLike: (other: SealedText, plain: string, purpose: string) => Buffer;
  /** @throws Error when no key opens it, or the purpose or a byte differs. */
  readonly open: (sealed: Uint8Array, purpose: string) => string;
  /** Was this sealed with the first key? What was not is sealed again by the re-seal job. */
  readonly isCurrent: (sealed: Uint8Array, purpose: string) => boolean;
  /** A keyed hash of short, guessable text such as a user code. */
  readonly lookupHash: (text: string, purpose: string) => Buffer;
  /** The hash under every key, the first key's first: to find what an older key hashed. */
  readonly lookupHashes: (text: string, purpose: string) => readonly Buffer[];
};

/** Something sealed, and what for. */
export type SealedText = { readonly sealed: Uint8Array; readonly purpose: string };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

type DerivedKeys = { readonly sealing: Buffer; readonly lookup: Buffer };

/**
 * @param keys 32 bytes each, from the environment; never stored. The first seals, all open: to
 * rotate, a new key is put in front, everything is sealed again, and the old one is dropped.
 */
export function createSealer(keys: Uint8Array | readonly Uint8Array[]): Sealer {
  const all = (keys instanceof Uint8Array ? [keys] : keys).map(deriveKeys);
  const [first] = all;
  if (!first) throw new Error('a key encryption key is needed');
  const lookup = (key: DerivedKeys, text: string, purpose: string) =>
    createHmac('sha256', key.lookup).update(`${purpose}\0${text}`).digest();
  return {
    seal: (plain, purpose) => sealWith(first, plain, purpose),
    sealLike: (other, plain, purpose) => {
      const key = all.find((one) => openWith(one, other.sealed, other.purpose) !== undefined);
      if (!key) throw new Error('no key encryption key opens this');
      return sealWith(key, plain, purpose);
    },
    open: (sealed, purpose) => {
      for (const key of all) {
        const plain = openWith(key, sealed, purpose);
        if (plain !== undefined) return plain;
      }
      throw new Error('no key encryption key opens this');
    },
    isCurrent: (sealed, purpose) => openWith(first, sealed, purpose) !== undefined,
    lookupHash: (text, purpose) => lookup(first, text, purpose),
    lookupHashes: (text, purpose) => all.map((key) => lookup(key, text, purpose)),
  };
}

function sealWith(key: DerivedKeys, plain: string, purpose: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.sealing, nonce).setAAD(Buffer.from(purpose));
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

function openWith(key: DerivedKeys, sealed: Uint8Array, purpose: string): string | undefined {
  const bytes = Buffer.from(sealed);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.sealing, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function deriveKeys(key: Uint8Array): DerivedKeys {
  if (key.length !== KEY_BYTES) throw new Error('the key encryption key has 32 bytes');
  return {
    sealing: deriveKey(key, 'clearinghouse auth seal v1'),
    lookup: deriveKey(key, 'clearinghouse auth lookup v1'),
  };
}

function deriveKey(key: Uint8Array, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, KEY_BYTES));
}
