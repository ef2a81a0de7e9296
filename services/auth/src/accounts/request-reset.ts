import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import type { Postman } from '../mail/postman.ts';
import { resetMail, verifyMail } from '../mail/write-mails.ts';
import { findAccountByEmail, findAccountById } from './account-store.ts';
import { MAIL_TOKEN_TTL_SEC, mailTokenHash, mintMailToken } from './mail-token.ts';
import { deleteMailTokens, insertMailToken, type MailPurpose } from './mail-token-store.ts';
import { mailLink } from './request-sign-up.ts';

export type MailDeps = {
  readonly db: Sql;
  readonly origin: string;
  readonly installationName: string;
  readonly postman: Postman;
};

const MINUTES = MAIL_TOKEN_TTL_SEC / 60;

/**
 * Sends a link by which a new password is chosen. An address without an account gets nothing;
 * the answer is the same.
 *
 * @returns `mail_not_configured`, the same for every address.
 */
export async function requestReset(
  deps: MailDeps,
  input: { email: string; interactionUid: string | null },
): Promise<Outcome<undefined, 'mail_not_configured'>> {
  if (!deps.postman.isConfigured) return refused('mail_not_configured');
  const account = await findAccountByEmail(deps.db, input.email);
  if (account?.status !== 'active') return ok(undefined);
  const link = await writeLink(deps, 'reset_password', { ...input, accountId: account.id });
  const { origin, installationName: installation } = deps;
  const letter = { to: input.email, installation, origin };
  deps.postman.post(resetMail({ ...letter, link, minutes: MINUTES }));
  return ok(undefined);
}

/**
 * Sends a link to an address that an account shall have. An address that another account has
 * gets nothing; the answer is the same.
 *
 * @returns `mail_not_configured`, `not_found` when the account is gone.
 */
export async function requestEmailChange(
  deps: MailDeps,
  input: { accountId: string; email: string },
): Promise<Outcome<undefined, 'mail_not_configured' | 'not_found'>> {
  const { accountId, email } = input;
  if (!deps.postman.isConfigured) return refused('mail_not_configured');
  if ((await findAccountById(deps.db, accountId))?.status !== 'active') return refused('not_found');
  const holder = await findAccountByEmail(deps.db, email);
  if (holder && holder.id !== accountId) return ok(undefined);
  const link = await writeLink(deps, 'verify_email', { ...input, interactionUid: null });
  const { origin, installationName: installation } = deps;
  deps.postman.post(verifyMail({ to: email, installation, origin, link, minutes: MINUTES }));
  return ok(undefined);
}

/** Keeps the newest link of an account for a purpose and forgets the older ones. */
async function writeLink(
  deps: MailDeps,
  purpose: MailPurpose,
  input: { accountId: string; email: string; interactionUid: string | null },
): Promise<string> {
  const token = mintMailToken();
  const sha256 = mailTokenHash(token);
  if (!sha256) throw new Error('a token that we minted is none');
  await deleteMailTokens(deps.db, { accountId: input.accountId, purpose });
  await insertMailToken(deps.db, {
    ...input,
    purpose,
    isOperator: false,
    sha256,
    ttlSec: MAIL_TOKEN_TTL_SEC,
  });
  return mailLink(deps.origin, token);
}
