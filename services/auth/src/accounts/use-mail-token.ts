import { type Outcome, ok, refused, type Sql, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { findAccountById, writeEmail } from './account-store.ts';
import { createAccount } from './create-account.ts';
import { endEverything } from './end-sessions.ts';
import { hashPassword } from './hash-password.ts';
import { mailTokenHash } from './mail-token.ts';
import {
  deleteMailTokens,
  findMailToken,
  type MailToken,
  takeMailToken,
} from './mail-token-store.ts';
import { type BreachedPasswords, type PasswordFault, passwordFault } from './password-rules.ts';
import { writePassword } from './password-store.ts';

export type UseTokenDeps = ChangeIdentityDeps & {
  readonly breached: BreachedPasswords | undefined;
};

/** What came of a link: whose it is now, and which sign-in waits for it. */
export type UsedToken = {
  readonly accountId: string;
  readonly purpose: MailToken['purpose'];
  readonly interactionUid: string | null;
  /** The address that the account had before; null for a new account, or one that had none. */
  readonly emailBefore: string | null;
};

type UseOutcome = Outcome<UsedToken, 'link_expired' | 'weak_password' | 'conflict'>;

/** What a link is for, without using it up; `link_expired` when it is good no more. */
export async function readMailToken(
  deps: { db: Sql },
  input: { token: string },
): Promise<Outcome<MailToken, 'link_expired'>> {
  const sha256 = mailTokenHash(input.token);
  const found = sha256 && (await findMailToken(deps.db, sha256));
  return found ? ok(found) : refused('link_expired');
}

/**
 * Uses a link up: makes the account, sets the new password and signs out everywhere, or takes
 * the new address over.
 *
 * @param input.password for all but a change of address.
 * @returns `weak_password` (detail: a {@link PasswordFault}) leaves the link good.
 */
export async function useMailToken(
  deps: UseTokenDeps,
  input: { token: string; password: string; displayName: string | null; requestId?: string },
): Promise<UseOutcome> {
  const known = await readMailToken(deps, input);
  if (!known.ok) return known;
  const { purpose, email } = known.value;
  const needsPassword = purpose !== 'verify_email';
  const fault = needsPassword
    ? passwordFault(input.password, [email, input.displayName], deps.breached)
    : undefined;
  if (fault !== undefined) return refused('weak_password', fault satisfies PasswordFault);
  // The costly part comes before the transaction.
  const passwordHash = needsPassword ? await hashPassword(input.password) : null;
  const sha256 = mailTokenHash(input.token);
  return changeIdentity(deps, async (tx, record) => {
    const token = sha256 && (await takeMailToken(tx, sha256, purpose));
    if (!token) return refused('link_expired');
    if (purpose === 'sign_up') return signUp(tx, token, { ...input, passwordHash });
    if (purpose === 'verify_email') return takeAddress(tx, token);
    return resetPassword(tx, record, token, passwordHash);
  });
}

async function signUp(
  tx: Transaction,
  token: MailToken,
  input: { displayName: string | null; passwordHash: string | null; requestId?: string },
): Promise<UseOutcome> {
  const { displayName, passwordHash, requestId } = input;
  const { email, isOperator } = token;
  // The command line's link was read by whoever runs it: no mail has shown whose address it is.
  const isEmailVerified = !isOperator;
  const reason = isOperator ? 'operator set-up' : 'sign-up';
  const account = { email, isEmailVerified, displayName, passwordHash, isOperator };
  const made = await createAccount({ tx }, { ...account, reason, requestId });
  return made.ok ? used(token, made.value.id, null) : made;
}

async function takeAddress(tx: Transaction, token: MailToken): Promise<UseOutcome> {
  const { accountId, email } = token;
  const account = accountId === null ? undefined : await findAccountById(tx, accountId);
  if (!account || !(await writeEmail(tx, account.id, email))) return refused('conflict');
  // A link that went to the old address must not choose a password any more.
  await deleteMailTokens(tx, { accountId: account.id });
  await recordAudit(tx, { action: 'account.email_changed', actor: account.id, target: account.id });
  return used(token, account.id, account.email);
}

async function resetPassword(
  tx: Transaction,
  record: Parameters<Parameters<typeof changeIdentity>[1]>[1],
  token: MailToken,
  passwordHash: string | null,
): Promise<UseOutcome> {
  const { accountId, email } = token;
  const account = accountId === null ? undefined : await findAccountById(tx, accountId);
  if (account?.status !== 'active') return refused('link_expired');
  await writePassword(tx, account.id, passwordHash);
  // The mail has arrived: the address is its owner's.
  if (account.email === email) await writeEmail(tx, account.id, email);
  const reason = 'password reset';
  await endEverything({ tx, record }, { accountId: account.id, reason });
  const action = 'account.password_reset';
  await recordAudit(tx, { action, actor: account.id, target: account.id });
  return used(token, account.id, account.email);
}

function used(token: MailToken, accountId: string, emailBefore: string | null): UseOutcome {
  const { purpose, interactionUid } = token;
  return ok({ accountId, purpose, interactionUid, emailBefore });
}
