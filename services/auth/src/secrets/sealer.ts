import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts what the database keeps, and hashes what it must find again. */
export type Sealer = {
  /** AES-256-GCM; `purpose` is bound as associated data, so that rows cannot be swapped. */
  readonly seal: (plain: string, purpose: string) => Buffer;
  /** @throws Error when the key, the purpose or a byte differs. */
  readonly open: (sealed: Uint8Array, purpose: string) => string;
  /** A keyed hash of short, guessable text such as a user code. */
  readonly lookupHash: (text: string, purpose: string) => Buffer;
};

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** @param keyEncryptionKey 32 bytes from the environment; never stored. */
export function createSealer(keyEncryptionKey: Uint8Array): Sealer {
  if (keyEncryptionKey.length !== KEY_BYTES) throw new Error('the key encryption key has 32 bytes');
  const sealingKey = deriveKey(keyEncryptionKey, 'clearinghouse auth seal v1');
  const lookupKey = deriveKey(keyEncryptionKey, 'clearinghouse auth lookup v1');
  return {
    seal: (plain, purpose) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open: (sealed, purpose) => {
      const bytes = Buffer.from(sealed);
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce)
        .setAAD(Buffer.from(purpose))
        .setAuthTag(tag);
      const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    },
    lookupHash: (text, purpose) =>
      createHmac('sha256', lookupKey).update(`${purpose}\0${text}`).digest(),
  };
}

function deriveKey(key: Uint8Array, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, KEY_BYTES));
}
