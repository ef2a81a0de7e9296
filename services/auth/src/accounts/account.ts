import { z } from 'zod';

/** A person of this installation. */
export type Account = {
  readonly id: string;
  /** Lower case. */
  readonly email: string | null;
  readonly emailVerifiedAt: Date | null;
  readonly displayName: string | null;
  readonly status: 'active' | 'suspended' | 'deleted';
  readonly isOperator: boolean;
  /** Whether a password is set; the hash itself is read only to compare it. */
  readonly hasPassword: boolean;
  readonly createdAt: Date;
};

const EMAIL_CHARS_MAX = 254;
const NAME_CHARS_MAX = 100;

/** An address for mail, trimmed and in lower case: two spellings are one person. */
export const emailSchema = z.string().trim().toLowerCase().max(EMAIL_CHARS_MAX).pipe(z.email());

/** What a person wants to be called; control characters and the marks that turn text around go. */
export const displayNameSchema = z
  .string()
  .transform((text) => text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').trim())
  .pipe(z.string().max(NAME_CHARS_MAX))
  .transform((text) => (text === '' ? null : text));
