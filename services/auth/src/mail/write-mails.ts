import type { Mail } from './send-mail.ts';

type Letter = { readonly to: string; readonly installation: string; readonly origin: string };

/** To whoever wants an account: the link that makes it. */
export function signUpMail(letter: Letter & { link: string; minutes: number }): Mail {
  return write(letter, 'Confirm your address', [
    `Somebody, probably you, wants an account at ${letter.installation} with this address.`,
    `To confirm it and choose how to sign in, open:\n\n${letter.link}`,
    `The link works once, for ${letter.minutes} minutes. If it was not you, do nothing: no account is made.`,
  ]);
}

/** To whoever wants an account with an address that has one. */
export function accountExistsMail(letter: Letter & { link: string }): Mail {
  return write(letter, 'You have an account already', [
    `Somebody, probably you, wanted a new account at ${letter.installation} with this address. There is one already.`,
    `To sign in, go back to where you came from. If you have forgotten your password, ask for a new one:\n\n${letter.link}`,
    'If it was not you, do nothing.',
  ]);
}

/** To whoever has forgotten a password. */
export function resetMail(letter: Letter & { link: string; minutes: number }): Mail {
  return write(letter, 'Choose a new password', [
    `Somebody, probably you, asked for a new password for your account at ${letter.installation}.`,
    `To choose one, open:\n\n${letter.link}`,
    `The link works once, for ${letter.minutes} minutes. A new password signs you out everywhere. If it was not you, do nothing.`,
  ]);
}

/** To the new address of an account. */
export function verifyMail(letter: Letter & { link: string; minutes: number }): Mail {
  return write(letter, 'Confirm your new address', [
    `To use this address for your account at ${letter.installation}, open:\n\n${letter.link}`,
    `The link works once, for ${letter.minutes} minutes. If it was not you, do nothing.`,
  ]);
}

/** To those who look after an app: one of its keys ends soon. */
export function keyEndsMail(
  letter: Letter & { key: string; app: string; days: number; endsAt: string },
): Mail {
  const when = letter.days === 1 ? 'within a day' : `within ${letter.days} days`;
  return write(letter, `An API key ends ${when}`, [
    `The key "${letter.key}" of the app "${letter.app}" ends on ${letter.endsAt}.`,
    'Rotate it before: the old one and its successor are both good for a while.',
  ]);
}

/** To those who look after an app: one of its keys was found in public, and revoked. */
export function keyLeakedMail(letter: Letter & { keyId: string; where: string }): Mail {
  return write(letter, 'An API key was found in public and is revoked', [
    `Somebody reported the key ${letter.keyId}. It is revoked; whatever used it is refused now.`,
    `Where it was found: ${letter.where}`,
    'Make a new key, put it where the old one was, and look at what was done with the old one.',
  ]);
}

/** What a team may be called in a mail: nothing that a mail program would make a link of. */
const NOT_IN_NAMES = /[^\p{L}\p{N} _'&()+-]/gu;

/** To somebody who is to join a team; `by` is the address of who invites, null for the operator. */
export function invitationMail(
  letter: Letter & { link: string; days: number; team: string; role: string; by: string | null },
): Mail {
  const team = letter.team.replace(NOT_IN_NAMES, ' ').trim();
  return write(letter, 'You are invited to a team', [
    `${letter.by ?? 'The operator'} invites you to a team at ${letter.installation}: ${team || 'without a name'}, as ${letter.role}.`,
    `To join it, sign in or sign up and open:\n\n${letter.link}`,
    `The link works once, for ${letter.days} days. If you did not expect it, do nothing.`,
  ]);
}

/** To the owner of an account in which something that guards it has changed. */
export function changedMail(letter: Letter & { what: string }): Mail {
  return write(letter, 'A change to your account', [
    `In your account at ${letter.installation}: ${letter.what}.`,
    `If it was not you, choose a new password at once and look at what else signs in to it:\n\n${letter.origin}/account`,
  ]);
}

/** To the address of an account that is no more. */
export function deletedMail(letter: Letter): Mail {
  return write(letter, 'Your account is deleted', [
    `Your account at ${letter.installation} is deleted: every app that it was used for is signed out.`,
    'If it was not you, tell those who run it: somebody was signed in as you.',
  ]);
}

function write(letter: Letter, subject: string, paragraphs: readonly string[]): Mail {
  const text = [...paragraphs, `-- \n${letter.installation}\n${letter.origin}`].join('\n\n');
  return { to: letter.to, subject: `${letter.installation}: ${subject}`, text };
}
