import { hash, verify } from '@node-rs/argon2';
import { normalizePassword } from './password-rules.ts';

/**
 * Argon2id, OWASP's second profile: 19 MiB and two passes, ~25 ms of one core. A hash made with
 * other parameters is replaced at the next sign-in.
 */
export const ARGON2 = {
  // Argon2id. The package's enum is ambient, which Node cannot read.
  algorithm: 2,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
} as const;

const CURRENT_PREFIX = `$argon2id$v=19$m=${ARGON2.memoryCost},t=${ARGON2.timeCost},p=${ARGON2.parallelism}$`;

/** A hash of no password: comparing with it costs what comparing with a real one costs. */
const NOBODY = hash('nobody has this password', ARGON2);

/** Hashes a password for storage, in PHC form. */
export async function hashPassword(password: string): Promise<string> {
  return hash(normalizePassword(password), ARGON2);
}

/**
 * Compares a password with a hash. Without a hash it is compared all the same, and refused, so
 * that time does not tell who has an account.
 */
export async function verifyPassword(
  password: string,
  stored: string | null | undefined,
): Promise<boolean> {
  const matches = await verify(stored ?? (await NOBODY), normalizePassword(password));
  return matches && stored !== null && stored !== undefined;
}

/** Was this hash made with other parameters than today's? */
export function needsRehash(stored: string): boolean {
  return !stored.startsWith(CURRENT_PREFIX);
}
