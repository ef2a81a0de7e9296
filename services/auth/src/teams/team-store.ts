import type { Database, Transaction } from '@clearinghouse/shared';
import type { Role } from './role.ts';

/** A part of a list. */
export type ListPage = { readonly limit: number; readonly after?: string | undefined };
export type Team = { readonly id: string; readonly name: string; readonly role: Role };
/** A team in the operator's list. */
export type TeamLine = {
  readonly id: string;
  readonly name: string;
  readonly memberCount: number;
  readonly appCount: number;
  readonly createdAt: Date;
};
export type Member = {
  readonly accountId: string;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly role: Role;
  readonly joinedAt: Date;
};
export type Invitation = {
  readonly id: string;
  readonly teamId: string;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: Date;
};

/** Writes a team and its first owner; none when that one is only invited. */
export async function insertTeam(
  tx: Transaction,
  team: { id: string; name: string; ownerId: string | undefined },
): Promise<void> {
  const { id, name, ownerId } = team;
  await tx`insert into auth.teams (id, name) values (${id}, ${name})`;
  if (ownerId) await insertMember(tx, { teamId: id, accountId: ownerId, role: 'owner' });
}

/** The teams of a person, in the order of their ids. */
export async function findTeamsOfAccount(
  db: Database,
  accountId: string,
  page: ListPage,
): Promise<Team[]> {
  return db<Team[]>`
    select t.id, t.name, m.role from auth.team_members m join auth.teams t on t.id = m.team_id
    where m.account_id = ${accountId} and t.id > ${page.after ?? ''}
    order by t.id limit ${page.limit}`;
}

/** Teams, oldest first, those that come after one; with a text in their names when one is given. */
export async function findTeams(
  db: Database,
  page: { limit: number; after?: string | undefined; name?: string | undefined },
): Promise<TeamLine[]> {
  const { limit, after = null, name = '' } = page;
  return db<TeamLine[]>`
    select ${teamColumns(db)} from auth.teams t
    where (${after}::text is null or (t.created_at, t.id) > (
        select o.created_at, o.id from auth.teams o where o.id = ${after}))
      and position(lower(${name}) in lower(t.name)) > 0
    order by t.created_at, t.id limit ${limit}`;
}

/** One team. */
export async function findTeam(db: Database, id: string): Promise<TeamLine | undefined> {
  const [row] = await db<TeamLine[]>`
    select ${teamColumns(db)} from auth.teams t where t.id = ${id}`;
  return row;
}

function teamColumns(db: Database) {
  return db`t.id, t.name, t.created_at as "createdAt",
    (select count(*)::int from auth.team_members m where m.team_id = t.id) as "memberCount",
    (select count(*)::int from auth.apps a where a.team_id = t.id) as "appCount"`;
}

/** The active account whose owner has shown that mail to this address arrives. */
export async function findAccountIdByEmail(
  db: Database,
  email: string,
): Promise<string | undefined> {
  const [row] = await db<{ id: string }[]>`
    select id from auth.accounts
    where email = ${email} and status = 'active' and email_verified_at is not null`;
  return row?.id;
}

/** Is there somebody active with this account? It stays so until the transaction is over. */
export async function isActiveAccount(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx`
    select 1 from auth.accounts where id = ${id} and status = 'active' for share`;
  return rows.length > 0;
}

/** The role that stands in a team's list, of a suspended person too. */
export async function findRoleRow(
  db: Database,
  teamId: string,
  accountId: string,
): Promise<Role | undefined> {
  const [row] = await db<{ role: Role }[]>`
    select role from auth.team_members where team_id = ${teamId} and account_id = ${accountId}`;
  return row?.role;
}

/** The role of a person in a team; undefined for everybody else. */
export async function findRole(
  db: Database,
  teamId: string,
  accountId: string,
): Promise<Role | undefined> {
  const [row] = await db<{ role: Role }[]>`
    select m.role from auth.team_members m join auth.accounts a on a.id = m.account_id
    where m.team_id = ${teamId} and m.account_id = ${accountId} and a.status = 'active'`;
  return row?.role;
}

/** The role of a person on the team that an app belongs to. */
export async function findRoleOnApp(
  db: Database,
  appId: string,
  accountId: string,
): Promise<Role | undefined> {
  const [row] = await db<{ role: Role }[]>`
    select m.role from auth.apps p
    join auth.team_members m on m.team_id = p.team_id and m.account_id = ${accountId}
    join auth.accounts a on a.id = m.account_id and a.status = 'active'
    where p.id = ${appId}`;
  return row?.role;
}

/** The members of a team, in the order of their ids. */
export async function findMembers(db: Database, teamId: string, page: ListPage): Promise<Member[]> {
  return db<Member[]>`
    select m.account_id as "accountId", a.email, a.display_name as "displayName", m.role,
      m.joined_at as "joinedAt"
    from auth.team_members m join auth.accounts a on a.id = m.account_id
    where m.team_id = ${teamId} and m.account_id > ${page.after ?? ''}
    order by m.account_id limit ${page.limit}`;
}

/** Waits for the right to change who is in a team; held until the transaction ends. */
export async function lockTeam(tx: Transaction, teamId: string): Promise<boolean> {
  const rows = await tx`select 1 from auth.teams where id = ${teamId} for update`;
  return rows.length > 0;
}

/** How many owners a team has besides one person; asked under the team's lock. */
export async function countOtherOwners(
  tx: Transaction,
  teamId: string,
  accountId: string,
): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from auth.team_members
    where team_id = ${teamId} and role = 'owner' and account_id <> ${accountId}`;
  return row?.count ?? 0;
}

/** Adds a member; one that is there keeps its role. */
export async function insertMember(
  tx: Transaction,
  member: { teamId: string; accountId: string; role: Role },
): Promise<void> {
  await tx`
    insert into auth.team_members (team_id, account_id, role)
    values (${member.teamId}, ${member.accountId}, ${member.role}) on conflict do nothing`;
}

/** Gives a member another role. */
export async function updateRole(
  tx: Transaction,
  member: { teamId: string; accountId: string; role: Role },
): Promise<void> {
  await tx`
    update auth.team_members set role = ${member.role}
    where team_id = ${member.teamId} and account_id = ${member.accountId}`;
}

/** Takes a member out. */
export async function deleteMember(
  tx: Transaction,
  teamId: string,
  accountId: string,
): Promise<void> {
  await tx`
    delete from auth.team_members where team_id = ${teamId} and account_id = ${accountId}`;
}

/** Marks the live keys that a person made for the apps of a team. @returns their ids. */
export async function markKeysForRotation(
  tx: Transaction,
  input: { teamId: string; accountId: string; reason: string },
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update auth.api_keys k set rotation_due_at = now(), rotation_due_reason = ${input.reason}
    from auth.apps a
    where a.id = k.app_id and a.team_id = ${input.teamId} and k.created_by = ${input.accountId}
      and k.revoked_at is null and k.purpose = 'key'
    returning k.id`;
  return rows.map(({ id }) => id);
}

/** Marks the secrets of a team's clients that a person was shown. @returns the clients. */
export async function markSecretsForRotation(
  tx: Transaction,
  input: { teamId: string; accountId: string; reason: string },
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update auth.client_secrets s
    set rotation_due_at = now(), rotation_due_reason = ${input.reason}
    from auth.clients c join auth.apps a on a.id = c.app_id
    where c.id = s.client_id and c.status <> 'revoked' and a.team_id = ${input.teamId}
      and s.created_by = ${input.accountId} and s.expires_at is null
    returning c.id`;
  return rows.map(({ id }) => id);
}

/**
 * Marks what members of an app's team were shown of it and those of the next team were not: keys, and
 * clients' secrets. Asked before the app moves.
 */
export async function markSeenForRotation(
  tx: Transaction,
  input: { appId: string; nextTeamId: string | null; reason: string },
): Promise<{ keysDue: string[]; clientsDue: string[] }> {
  const { appId, nextTeamId, reason } = input;
  const leaving = tx`
    select m.account_id from auth.team_members m join auth.apps a on a.team_id = m.team_id
    where a.id = ${appId} and m.account_id not in (
      select account_id from auth.team_members where team_id = ${nextTeamId ?? ''})`;
  const keys = await tx<{ id: string }[]>`
    update auth.api_keys set rotation_due_at = now(), rotation_due_reason = ${reason}
    where app_id = ${appId} and revoked_at is null and purpose = 'key'
      and created_by in (${leaving})
    returning id`;
  const secrets = await tx<{ id: string }[]>`
    update auth.client_secrets s set rotation_due_at = now(), rotation_due_reason = ${reason}
    from auth.clients c
    where c.id = s.client_id and c.app_id = ${appId} and c.status <> 'revoked'
      and s.expires_at is null and s.created_by in (${leaving})
    returning c.id`;
  return { keysDue: keys.map(({ id }) => id), clientsDue: secrets.map(({ id }) => id) };
}

/** The apps of a team, in the order of their ids. */
export async function findAppsOfTeam(
  db: Database,
  teamId: string,
  page: ListPage,
): Promise<{ id: string; name: string; status: string }[]> {
  return db<{ id: string; name: string; status: string }[]>`
    select id, name, status from auth.apps
    where team_id = ${teamId} and id > ${page.after ?? ''} order by id limit ${page.limit}`;
}

/** Gives an app to a team; null: to the operator. */
export async function updateAppTeam(
  tx: Transaction,
  appId: string,
  teamId: string | null,
): Promise<void> {
  await tx`update auth.apps set team_id = ${teamId}, updated_at = now() where id = ${appId}`;
}

/** Writes an invitation; a new one to the same address takes the place of the old. */
export async function upsertInvitation(
  tx: Transaction,
  invitation: Invitation & { tokenSha256: Buffer; invitedBy: string | null },
): Promise<void> {
  const { id, teamId, email, role, expiresAt, tokenSha256, invitedBy } = invitation;
  await tx`
    insert into auth.team_invitations (id, token_sha256, team_id, email, role, invited_by, expires_at)
    values (${id}, ${tokenSha256}, ${teamId}, ${email}, ${role}, ${invitedBy}, ${expiresAt})
    on conflict (team_id, email) do update set id = excluded.id, role = excluded.role,
      token_sha256 = excluded.token_sha256, invited_by = excluded.invited_by,
      created_at = now(), expires_at = excluded.expires_at`;
}

/** Reads what an invitation that is still good is to; nothing is taken. */
export async function findInvitationByToken(
  db: Database,
  tokenSha256: Buffer,
): Promise<{ teamName: string; role: Role; invitedBy: string | null } | undefined> {
  const [row] = await db<{ teamName: string; role: Role; invitedBy: string | null }[]>`
    select t.name as "teamName", i.role, a.email as "invitedBy"
    from auth.team_invitations i join auth.teams t on t.id = i.team_id
    left join auth.accounts a on a.id = i.invited_by
    where i.token_sha256 = ${tokenSha256} and i.expires_at > now()`;
  return row;
}

/** Takes an invitation that is still good: once. */
export async function takeInvitation(
  tx: Transaction,
  tokenSha256: Buffer,
): Promise<(Invitation & { readonly invitedBy: string | null }) | undefined> {
  const [row] = await tx<(Invitation & { invitedBy: string | null })[]>`
    delete from auth.team_invitations where token_sha256 = ${tokenSha256} and expires_at > now()
    returning id, team_id as "teamId", email, role, expires_at as "expiresAt",
      invited_by as "invitedBy"`;
  return row;
}

/** Invitations of a team that nobody has taken yet, in the order of their ids. */
export async function findInvitations(
  db: Database,
  teamId: string,
  page: ListPage,
): Promise<Invitation[]> {
  return db<Invitation[]>`
    select id, team_id as "teamId", email, role, expires_at as "expiresAt"
    from auth.team_invitations
    where team_id = ${teamId} and expires_at > now() and id > ${page.after ?? ''}
    order by id limit ${page.limit}`;
}

/** Withdraws an invitation of a team, or all that a person has sent. @returns how many. */
export async function deleteInvitations(
  tx: Transaction,
  which: { teamId: string } & ({ id: string } | { invitedBy: string }),
): Promise<number> {
  const some = 'id' in which ? tx`id = ${which.id}` : tx`invited_by = ${which.invitedBy}`;
  const rows = await tx`
    delete from auth.team_invitations where team_id = ${which.teamId} and ${some} returning 1`;
  return rows.length;
}

/** Withdraws every invitation to an address. */
export async function deleteInvitationsTo(tx: Transaction, email: string): Promise<void> {
  await tx`delete from auth.team_invitations where email = ${email}`;
}

/** The teams of a person, in one order for whoever locks them, and which nobody else could run. */
export async function findTeamsHeldBy(
  db: Database,
  accountId: string,
): Promise<{ id: string; name: string; needsThem: boolean }[]> {
  return db<{ id: string; name: string; needsThem: boolean }[]>`
    select t.id, t.name, m.role = 'owner'
      and not exists (select 1 from auth.team_members o where o.team_id = t.id
        and o.role = 'owner' and o.account_id <> ${accountId})
      and (exists (select 1 from auth.team_members o where o.team_id = t.id
        and o.account_id <> ${accountId})
        or exists (select 1 from auth.apps a where a.team_id = t.id)) as "needsThem"
    from auth.team_members m join auth.teams t on t.id = m.team_id
    where m.account_id = ${accountId} order by t.id`;
}
