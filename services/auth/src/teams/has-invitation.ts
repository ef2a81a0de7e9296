import type { Sql } from '@clearinghouse/shared';

/** Is somebody with this address invited to any team, by an invitation that is still good? */
export async function hasInvitation(
  deps: { readonly db: Sql },
  input: { readonly email: string },
): Promise<boolean> {
  const rows = await deps.db`
    select 1 from auth.team_invitations
    where email = ${input.email.toLowerCase()} and expires_at > now() limit 1`;
  return rows.length > 0;
}
