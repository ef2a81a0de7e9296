import { type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { findAccountByEmail } from '../accounts/account-store.ts';
import { createAccount } from '../accounts/create-account.ts';
import type { SignUpPolicy } from '../accounts/request-sign-up.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { replaceHeld } from './challenge-store.ts';
import { findAccountOfIdentity, insertIdentity } from './identity-store.ts';

/** A wallet or another issuer's subject, after somebody has shown that it is theirs. */
export type ProvenIdentity = {
  readonly kind: 'wallet' | 'oidc';
  readonly provider: string;
  readonly subject: string;
  /** What its owner knows it by. */
  readonly label: string;
  /** Lower case, and only when the other issuer says that it is verified. */
  readonly email: string | null;
  readonly displayName: string | null;
};

export type ResolveDeps = ChangeIdentityDeps & {
  readonly signUp: SignUpPolicy;
  readonly isInvited: (email: string) => Promise<boolean>;
};

type ResolveCode = 'sign_in_refused' | 'sign_up_closed' | 'link_needed';

/**
 * Finds the account of a proven identity, or makes one where that is open. When the identity
 * comes with the address of an existing account, nothing is joined: the identity waits in the
 * interaction until the owner has signed in to that account and said yes.
 *
 * @param input.holder the interaction.
 */
export async function resolveIdentity(
  deps: ResolveDeps,
  input: { identity: ProvenIdentity; holder: string; requestId?: string | undefined },
): Promise<Outcome<{ accountId: string }, ResolveCode>> {
  const { identity, holder, requestId } = input;
  const known = await findAccountOfIdentity(deps.db, identity);
  if (known) {
    const { accountId, status } = known;
    return status === 'active' ? ok({ accountId }) : refused('sign_in_refused', status);
  }
  const { email } = identity;
  const existing = email === null ? undefined : await findAccountByEmail(deps.db, email);
  if (existing) {
    const detail = { identity, accountId: existing.id };
    await replaceHeld(deps.db, { kind: 'link', holder, detail });
    return refused('link_needed');
  }
  if (!(await maySignUp(deps, email))) return refused('sign_up_closed');
  return changeIdentity(deps, (tx) => signUp(tx, identity, requestId));
}

async function maySignUp(deps: ResolveDeps, email: string | null): Promise<boolean> {
  if (deps.signUp === 'open') return true;
  return deps.signUp === 'invited' && email !== null && (await deps.isInvited(email));
}

async function signUp(
  tx: Transaction,
  identity: ProvenIdentity,
  requestId: string | undefined,
): Promise<Outcome<{ accountId: string }, ResolveCode>> {
  const { email, displayName, kind } = identity;
  const isEmailVerified = email !== null;
  const reason = `first sign-in by ${kind}`;
  const made = await createAccount(
    { tx },
    { email, isEmailVerified, displayName, reason, requestId },
  );
  if (!made.ok) return refused('sign_in_refused', 'the address was taken meanwhile');
  const accountId = made.value.id;
  if (!(await addIdentity(tx, { ...identity, accountId }))) {
    throw new Error('an identity was taken while its account was made');
  }
  return ok({ accountId });
}

/** Adds an identity to an account, with its line in the audit log; false when it is taken. */
export async function addIdentity(
  tx: Transaction,
  input: Pick<ProvenIdentity, 'kind' | 'provider' | 'subject' | 'label'> & { accountId: string },
): Promise<boolean> {
  const { accountId, kind, provider } = input;
  if (!(await insertIdentity(tx, input))) return false;
  const reason = `${kind} ${provider}`.slice(0, 200);
  const action = 'account.identity_added';
  await recordAudit(tx, { action, actor: accountId, target: accountId, reason });
  return true;
}
