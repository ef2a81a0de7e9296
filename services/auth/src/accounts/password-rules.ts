import { createHash } from 'node:crypto';

/** NIST SP 800-63B, 3.1.1.2: length counts, kinds of characters do not. */
export const PASSWORD_CHARS_MIN = 12;
export const PASSWORD_CHARS_MAX = 256;

/** Why a password may not be chosen. */
export type PasswordFault = 'too_short' | 'too_long' | 'too_simple' | 'breached';

/** Passwords that are known to thieves. */
export type BreachedPasswords = { readonly has: (password: string) => boolean };

const LINE = /^[0-9A-Fa-f]{10,40}$/;
const LINES_MAX = 2_000_000;
const DISTINCT_CHARS_MIN = 5;

/** The same text typed on two keyboards is one password (RFC 8265, section 4.2). */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Reads a list of breached passwords: a SHA-1 in hex a line, or the first ten digits of one or
 * more; what follows a colon (a count) is dropped.
 *
 * @throws Error when a line is something else.
 */
export function readBreachedPasswords(text: string): BreachedPasswords {
  const known = new Set<string>();
  const lengths = new Set<number>();
  for (const line of text.split('\n')) {
    const [digest = ''] = line.trim().split(':');
    if (digest === '') continue;
    if (!LINE.test(digest)) throw new Error('breached passwords: a line is no SHA-1 in hex');
    if (known.size >= LINES_MAX)
      throw new Error(`breached passwords: more than ${LINES_MAX} lines`);
    known.add(digest.toUpperCase());
    lengths.add(digest.length);
  }
  return {
    has: (password) => {
      const digest = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase();
      return [...lengths].some((length) => known.has(digest.slice(0, length)));
    },
  };
}

/**
 * Why a password may not be chosen; undefined when it may.
 *
 * @param about what anybody knows of its owner: address, name.
 */
export function passwordFault(
  password: string,
  about: readonly (string | null)[],
  breached?: BreachedPasswords,
): PasswordFault | undefined {
  const text = normalizePassword(password);
  const { length } = [...text];
  if (length < PASSWORD_CHARS_MIN) return 'too_short';
  if (length > PASSWORD_CHARS_MAX) return 'too_long';
  if (new Set(text).size < DISTINCT_CHARS_MIN) return 'too_simple';
  const lower = text.toLowerCase();
  if (about.some((known) => known !== null && known.toLowerCase() === lower)) return 'too_simple';
  return breached?.has(text) || breached?.has(password) ? 'breached' : undefined;
}
