import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN } from '../accounts/password-rules.ts';

const WORDS: Readonly<Record<string, string>> = {
  too_short: `Use at least ${PASSWORD_CHARS_MIN} characters.`,
  too_long: `Use at most ${PASSWORD_CHARS_MAX} characters.`,
  too_simple: 'This password is too easy to guess. Choose another.',
  breached: 'This password is on a list of stolen ones. Choose another.',
};

/** What is wrong with a password, for whoever chose it. */
export function passwordFaultWords(fault: string | undefined): string {
  return WORDS[fault ?? ''] ?? 'This password cannot be used.';
}
