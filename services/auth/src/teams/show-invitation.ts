import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { hashSecret } from '../secrets/generated-secret.ts';
import type { Role } from './role.ts';
import { findInvitationByToken } from './team-store.ts';

/** What whoever holds an invitation's link is told before they take it. */
export type InvitationView = {
  readonly teamName: string;
  readonly role: Role;
  /** The address of who invites; null when it was the operator. */
  readonly invitedBy: string | null;
};

/** Reads an invitation without taking it; `not_found` for one that is used or over. */
export async function showInvitation(
  deps: { readonly db: Sql },
  input: { readonly token: string },
): Promise<Outcome<InvitationView, 'not_found'>> {
  const found = await findInvitationByToken(deps.db, hashSecret(input.token));
  return found ? ok(found) : refused('not_found');
}
