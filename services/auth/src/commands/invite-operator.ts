import { findAccountByEmail, updateAccount } from '../accounts/account-store.ts';
import { MAIL_TOKEN_TTL_SEC, mailTokenHash, mintMailToken } from '../accounts/mail-token.ts';
import { deleteMailTokens, insertMailToken } from '../accounts/mail-token-store.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';

/** A link that makes an operator's account, or the account that became one. */
export type InvitedOperator =
  | { readonly link: string; readonly expiresInSec: number }
  | { readonly accountId: string; readonly isOperator: true };

/**
 * Makes a person an operator: one with an account at once, anybody else by a link that is good
 * once, for an hour. It is printed and not sent, since whoever may ask for it may do everything
 * anyway, and a new installation has no mail yet.
 */
export async function inviteOperator(
  deps: ChangeIdentityDeps,
  input: { email: string; origin: string; actor: string },
): Promise<InvitedOperator> {
  const { email, origin, actor } = input;
  return changeIdentity(deps, async (tx) => {
    const account = await findAccountByEmail(tx, email);
    const audit = { action: 'operator.invited', actor, target: account?.id };
    await recordAudit(tx, audit);
    if (account) {
      await updateAccount(tx, account.id, { isOperator: true });
      return { accountId: account.id, isOperator: true };
    }
    const token = mintMailToken();
    const sha256 = mailTokenHash(token);
    if (!sha256) throw new Error('a token that we minted is none');
    await deleteMailTokens(tx, { signUpEmail: email, isOperator: true });
    await insertMailToken(tx, {
      purpose: 'sign_up',
      accountId: null,
      email,
      interactionUid: null,
      isOperator: true,
      sha256,
      ttlSec: MAIL_TOKEN_TTL_SEC,
    });
    return { link: `${origin}/setup?token=${token}`, expiresInSec: MAIL_TOKEN_TTL_SEC };
  });
}
