import { type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { LIMITS } from '../limits.ts';
import { revokeGrantIn } from '../oidc/revoke-grant.ts';
import type { GrantFilter } from './grant.ts';
import { findGrantIdsOfApp } from './grant-store.ts';

type By = {
  readonly actor: string;
  readonly reason: string;
  readonly requestId?: string | undefined;
};

/**
 * Takes a grant back: its refresh tokens end, its access tokens are refused at the next request.
 *
 * @returns `not_found` when no client of the app has such a grant.
 */
export async function revokeAppGrant(
  deps: ChangeIdentityDeps,
  input: By & { appId: string; grantId: string },
): Promise<Outcome<undefined, 'not_found'>> {
  const { appId, grantId } = input;
  return changeIdentity(deps, async (tx, record) => {
    const found = await findGrantIdsOfApp(tx, { appId, grantId, limit: 1 });
    if (found.length === 0) return refused('not_found');
    await revokeGrantIn(tx, record, input);
    return ok(undefined);
  });
}

/**
 * Takes back all grants of an app that fit, some at a time: each of those transactions stands by
 * itself, and asking again goes on where it ended.
 *
 * @returns how many.
 */
export async function revokeAppGrants(
  deps: ChangeIdentityDeps,
  input: By & GrantFilter,
): Promise<number> {
  let revoked = 0;
  for (;;) {
    const some = await changeIdentity(deps, (tx, record) => revokeSome(tx, record, input));
    revoked += some;
    if (some < LIMITS.grantsRevokedAtOnce) return revoked;
  }
}

/** The same inside a transaction that changes more: for what one user holds. @returns how many. */
export async function revokeGrantsOfUser(
  tx: Transaction,
  record: (change: IdentityChange) => void,
  input: By & { readonly appId: string; readonly externalUserId: string },
): Promise<number> {
  let revoked = 0;
  for (;;) {
    const some = await revokeSome(tx, record, input);
    revoked += some;
    if (some < LIMITS.grantsRevokedAtOnce) return revoked;
  }
}

async function revokeSome(
  tx: Transaction,
  record: (change: IdentityChange) => void,
  input: By & GrantFilter,
): Promise<number> {
  const limit = LIMITS.grantsRevokedAtOnce;
  const ids = await findGrantIdsOfApp(tx, { ...input, limit });
  for (const grantId of ids) await revokeGrantIn(tx, record, { ...input, grantId });
  return ids.length;
}
