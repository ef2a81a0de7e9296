import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import type { Postman } from '../mail/postman.ts';
import { accountExistsMail, signUpMail } from '../mail/write-mails.ts';
import { findAccountByEmail } from './account-store.ts';
import { MAIL_TOKEN_TTL_SEC, mailTokenHash, mintMailToken } from './mail-token.ts';
import { deleteMailTokens, insertMailToken } from './mail-token-store.ts';

/** Who may make an account: anybody, who was invited, nobody. */
export type SignUpPolicy = 'open' | 'invited' | 'closed';

export type SignUpDeps = {
  readonly db: Sql;
  readonly origin: string;
  readonly installationName: string;
  readonly postman: Postman;
  readonly signUp: SignUpPolicy;
  /** Has somebody asked this address to join a team? */
  readonly isInvited: (email: string) => Promise<boolean>;
};

const MINUTES = MAIL_TOKEN_TTL_SEC / 60;

/**
 * Sends a link that makes an account. The account is made, and its password chosen, by whoever
 * reads the mail: nobody can prepare an account for another's address. An address that has an
 * account gets another mail; the answer is the same.
 *
 * @returns `sign_up_closed`, `mail_not_configured`; the same for every address.
 */
export async function requestSignUp(
  deps: SignUpDeps,
  input: { email: string; interactionUid: string | null },
): Promise<Outcome<undefined, 'sign_up_closed' | 'mail_not_configured'>> {
  const { db, origin, installationName: installation, postman } = deps;
  const { email, interactionUid } = input;
  if (deps.signUp === 'closed') return refused('sign_up_closed');
  if (!postman.isConfigured) return refused('mail_not_configured');
  const letter = { to: email, installation, origin };
  if (await findAccountByEmail(db, email)) {
    postman.post(accountExistsMail({ ...letter, link: `${origin}/account/forgot` }));
    return ok(undefined);
  }
  if (deps.signUp === 'invited' && !(await deps.isInvited(email))) return ok(undefined);
  const token = mintMailToken();
  const sha256 = mailTokenHash(token);
  if (!sha256) throw new Error('a token that we minted is none');
  await deleteMailTokens(db, { signUpEmail: email, isOperator: false });
  await insertMailToken(db, {
    purpose: 'sign_up',
    accountId: null,
    email,
    interactionUid,
    isOperator: false,
    sha256,
    ttlSec: MAIL_TOKEN_TTL_SEC,
  });
  postman.post(signUpMail({ ...letter, link: mailLink(origin, token), minutes: MINUTES }));
  return ok(undefined);
}

/** Where a link in a mail leads: a page that asks before it uses the token up. */
export function mailLink(origin: string, token: string): string {
  return `${origin}/account/mail?token=${token}`;
}
