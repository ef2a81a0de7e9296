import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { Account } from './account.ts';
import { endEverything } from './end-sessions.ts';
import { hashPassword, verifyPassword } from './hash-password.ts';
import { type BreachedPasswords, passwordFault } from './password-rules.ts';
import { findPasswordOf, writePassword } from './password-store.ts';

/**
 * Sets or changes a password. Whoever has one shows it first; every other session and every
 * grant ends, since a password is changed when somebody else may know it.
 *
 * @param input.sessionUid the session that stays.
 * @returns `wrong_credentials` for the old one, `weak_password` (detail: why) for the new.
 */
export async function changePassword(
  deps: ChangeIdentityDeps & { readonly breached: BreachedPasswords | undefined },
  input: { account: Account; current: string; next: string; sessionUid: string },
): Promise<Outcome<undefined, 'wrong_credentials' | 'weak_password'>> {
  const { account, current, next, sessionUid } = input;
  const stored = await findPasswordOf(deps.db, account.id);
  if (stored !== null && !(await verifyPassword(current, stored))) {
    return refused('wrong_credentials');
  }
  const fault = passwordFault(next, [account.email, account.displayName], deps.breached);
  if (fault !== undefined) return refused('weak_password', fault);
  const passwordHash = await hashPassword(next);
  await changeIdentity(deps, async (tx, record) => {
    await writePassword(tx, account.id, passwordHash);
    const reason = 'password changed';
    await endEverything({ tx, record }, { accountId: account.id, reason, exceptUid: sessionUid });
    const action = 'account.password_changed';
    await recordAudit(tx, { action, actor: account.id, target: account.id });
  });
  return ok(undefined);
}
