import type { Database } from '@clearinghouse/shared';

/**
 * Mail addresses of those who look after an app: owners, admins and developers of its team, or the
 * operators where it has none.
 */
export async function findCarers(db: Database, appId: string): Promise<string[]> {
  const rows = await db<{ email: string }[]>`
    select distinct a.email from auth.apps p
    left join auth.team_members m on m.team_id = p.team_id
      and m.role in ('owner', 'admin', 'developer')
    join auth.accounts a on (a.id = m.account_id or (p.team_id is null and a.is_operator))
    where p.id = ${appId} and a.status = 'active' and a.email_verified_at is not null`;
  return rows.map(({ email }) => email);
}
