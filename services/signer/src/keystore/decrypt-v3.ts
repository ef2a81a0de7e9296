import { createDecipheriv, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { keccak256 } from '../tickets/keccak.ts';

/** Room for N = 2^18, r = 8 with something to spare. */
const SCRYPT_MEMORY_BYTES_MAX = 512 * 1024 * 1024;
const SCRYPT_N_MAX = 1 << 20;
const PBKDF2_ROUNDS_MAX = 10_000_000;
const KEY_BYTES = 32;
const HALF = 16;

const hex = (bytesMax: number) =>
  z
    .string()
    .regex(/^(0x)?([0-9a-f]{2})+$/i)
    .max(2 * bytesMax + 2)
    .transform((text) => Buffer.from(text.replace(/^0x/i, ''), 'hex'));
const count = (most: number) => z.number().int().min(1).max(most);

const kdfSchema = z.discriminatedUnion('kdf', [
  z.object({
    kdf: z.literal('scrypt'),
    kdfparams: z.object({
      n: count(SCRYPT_N_MAX),
      r: count(64),
      p: count(64),
      dklen: z.literal(KEY_BYTES),
      salt: hex(256),
    }),
  }),
  z.object({
    kdf: z.literal('pbkdf2'),
    kdfparams: z.object({
      c: count(PBKDF2_ROUNDS_MAX),
      prf: z.literal('hmac-sha256'),
      dklen: z.literal(KEY_BYTES),
      salt: hex(256),
    }),
  }),
]);
const fileSchema = z.object({
  version: z.literal(3),
  crypto: z
    .object({
      cipher: z.literal('aes-128-ctr'),
      cipherparams: z.object({ iv: hex(HALF) }),
      ciphertext: hex(KEY_BYTES),
      mac: hex(KEY_BYTES),
    })
    .and(kdfSchema),
});

export type Decrypted =
  | { readonly ok: true; readonly privateKey: Uint8Array }
  | { readonly ok: false; readonly reason: 'not_a_keystore' | 'wrong_password' };

const deriveScrypt = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);
const derivePbkdf2 = promisify(pbkdf2);

/**
 * Decrypts a V3 keystore of geth or ethers. The key is never a string on its way, since a string
 * cannot be overwritten: it comes in 32 bytes that belong to the caller.
 */
export async function decryptV3(json: string, password: string): Promise<Decrypted> {
  const parsed = fileSchema.safeParse(lowerKeys(parseJson(json)));
  if (!parsed.success) return { ok: false, reason: 'not_a_keystore' };
  const { cipherparams, ciphertext, mac, ...how } = parsed.data.crypto;
  if (ciphertext.length !== KEY_BYTES || cipherparams.iv.length !== HALF) {
    return { ok: false, reason: 'not_a_keystore' };
  }
  // geth takes the bytes as they are, ethers in a normal form: mostly they are the same.
  for (const text of new Set([password, password.normalize('NFKC')])) {
    const privateKey = unlock(await derive(how, text), { cipherparams, ciphertext, mac });
    if (privateKey) return { ok: true, privateKey };
  }
  return { ok: false, reason: 'wrong_password' };
}

function unlock(
  derived: Buffer,
  file: Pick<z.output<typeof fileSchema>['crypto'], 'cipherparams' | 'ciphertext' | 'mac'>,
): Uint8Array | undefined {
  const { cipherparams, ciphertext, mac } = file;
  try {
    const expected = keccak256(derived.subarray(HALF), ciphertext);
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return undefined;
    const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, HALF), cipherparams.iv);
    const plain = decipher.update(ciphertext);
    const privateKey = Uint8Array.from(plain);
    plain.fill(0);
    return privateKey;
  } finally {
    derived.fill(0);
  }
}

function derive(how: z.output<typeof kdfSchema>, password: string): Promise<Buffer> {
  if (how.kdf === 'pbkdf2') {
    return derivePbkdf2(password, how.kdfparams.salt, how.kdfparams.c, KEY_BYTES, 'sha256');
  }
  const { n: N, r, p, salt } = how.kdfparams;
  return deriveScrypt(password, salt, KEY_BYTES, { N, r, p, maxmem: SCRYPT_MEMORY_BYTES_MAX });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** geth writes `crypto`, ethers `Crypto`; geth reads either. */
function lowerKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lowerKeys(inner)]),
  );
}
