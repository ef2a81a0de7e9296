import { hkdfSync } from 'node:crypto';
import { z } from 'zod';

const KEY = /^[0-9a-f]{64}$/;
const KEYS_MAX = 4;
const NONCE_SECRET_BYTES = 32;

const hexKey = z
  .string()
  .regex(KEY, '64 lower-case hex digits')
  .transform((hex) => Buffer.from(hex, 'hex'));

/** Variables of the issuer that every command of the service reads: what seals keys at rest. */
export const keyEncryptionShape = {
  KEY_ENCRYPTION_KEY: hexKey.optional(),
  KEY_ENCRYPTION_KEYS: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((keys) => keys.every((key) => KEY.test(key)), '64 lower-case hex digits each')
    .refine((keys) => keys.length <= KEYS_MAX, `at most ${KEYS_MAX} keys`)
    .refine((keys) => new Set(keys).size === keys.length, 'the same key twice')
    .transform((keys) => keys.map((hex) => Buffer.from(hex, 'hex')))
    .optional(),
};

/** Variables of the issuer that only the service reads. */
export const issuerShape = {
  DPOP_NONCE_SECRET: hexKey.optional(),
  RATE_LIMIT_FACTOR: z.coerce.number().positive().max(1_000_000).default(1),
  SIGNING_KEY_ROTATE_DAYS: z.coerce.number().int().min(0).max(3_650).default(30),
};

export type IssuerConfig = {
  /** 32 bytes, the same on every replica. */
  readonly dpopNonceSecret: Buffer;
  readonly rateLimitFactor: number;
  /** 0: signing keys are rotated by command only. */
  readonly signingKeyRotateDays: number;
};

/** The keys that open what is sealed; the first one seals. Undefined when none is given. */
export function keyEncryptionKeysOf(
  raw: z.infer<z.ZodObject<typeof keyEncryptionShape>>,
): readonly Buffer[] | undefined {
  if (raw.KEY_ENCRYPTION_KEYS !== undefined) return raw.KEY_ENCRYPTION_KEYS;
  return raw.KEY_ENCRYPTION_KEY === undefined ? undefined : [raw.KEY_ENCRYPTION_KEY];
}

/**
 * The issuer's part of the configuration. An installation from before there was a nonce secret
 * derives one from its key encryption key, which every replica has too.
 */
export function issuerConfigOf(
  raw: z.infer<z.ZodObject<typeof issuerShape>>,
  keyEncryptionKey: Buffer,
): IssuerConfig {
  return {
    dpopNonceSecret: raw.DPOP_NONCE_SECRET ?? deriveNonceSecret(keyEncryptionKey),
    rateLimitFactor: raw.RATE_LIMIT_FACTOR,
    signingKeyRotateDays: raw.SIGNING_KEY_ROTATE_DAYS,
  };
}

function deriveNonceSecret(key: Buffer): Buffer {
  const info = 'clearinghouse auth dpop nonce v1';
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, NONCE_SECRET_BYTES));
}
