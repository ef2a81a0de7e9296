import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { lockAccount } from '../accounts/account-store.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import { deleteHeld, findHeld, replaceHeld } from './challenge-store.ts';
import { addIdentity, type ProvenIdentity } from './resolve-identity.ts';
import type { SignedIn } from './signed-in.ts';

/** An identity that waits for the owner of an account to take it. */
export type PendingLink = {
  readonly identity: ProvenIdentity;
  readonly accountId: string;
  /** Set once somebody has signed in to that account in the same interaction. */
  readonly signedIn?: SignedIn & { readonly remember: boolean };
};

/** What waits in an interaction, if anything. */
export async function findPendingLink(
  deps: { db: Sql },
  input: { holder: string },
): Promise<PendingLink | undefined> {
  return (await findHeld(deps.db, { kind: 'link', ...input })) as PendingLink | undefined;
}

/**
 * Notes that somebody has signed in while an identity waits.
 *
 * @returns whether it waits for this very account: then its owner is asked.
 */
export async function noteSignInForLink(
  deps: { db: Sql },
  input: { holder: string; signedIn: SignedIn; remember: boolean },
): Promise<boolean> {
  const { holder, signedIn, remember } = input;
  const pending = await findPendingLink(deps, { holder });
  if (pending?.accountId !== signedIn.accountId) return false;
  const detail = { ...pending, signedIn: { ...signedIn, remember } };
  await replaceHeld(deps.db, { kind: 'link', holder, detail });
  return true;
}

/**
 * Decides what waits, once: joins the identity to the account, or does not. Either way the owner
 * is signed in to the account.
 *
 * @returns `sign_in_expired` when nothing waits, or nobody has signed in yet.
 */
export async function decideLink(
  deps: ChangeIdentityDeps,
  input: { holder: string; accepts: boolean },
): Promise<Outcome<SignedIn & { remember: boolean }, 'sign_in_expired'>> {
  const { holder, accepts } = input;
  const pending = await findPendingLink(deps, { holder });
  const { signedIn } = pending ?? {};
  if (!pending || !signedIn) return refused('sign_in_expired');
  return changeIdentity(deps, async (tx) => {
    if (!(await deleteHeld(tx, { kind: 'link', holder }))) return refused('sign_in_expired');
    const { accountId } = signedIn;
    if (!(await lockAccount(tx, accountId))) return refused('sign_in_expired');
    if (accepts) await addIdentity(tx, { ...pending.identity, accountId });
    return ok(signedIn);
  });
}
