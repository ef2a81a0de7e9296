import type { Database } from '@clearinghouse/shared';
import { type AppGrant, type GrantFilter, type GrantPayload, scopesOfGrant } from './grant.ts';

type GrantRow = Omit<AppGrant, 'scopes' | 'resources' | 'grantedAt'> & {
  readonly payload: GrantPayload;
};

/** Reads the grants of an app's clients in the order of their ids, those that come after one. */
export async function findGrantsOfApp(
  db: Database,
  filter: GrantFilter & { readonly limit: number; readonly after?: string | undefined },
): Promise<AppGrant[]> {
  const rows = await db<GrantRow[]>`
    select g.grant_id as id, c.id as "clientId", u.id as "userId",
      u.external_user_id as "externalUserId", g.payload, g.expires_at as "expiresAt"
    ${fromGrants(db, filter)} and g.grant_id > ${filter.after ?? ''}
    order by g.grant_id limit ${filter.limit}`;
  return rows.map(({ payload, ...row }) => ({
    ...row,
    scopes: scopesOfGrant(payload),
    resources: Object.keys(payload.resources ?? {}),
    grantedAt: new Date((payload.iat ?? 0) * 1000),
  }));
}

/** Reads the ids of up to `limit` grants of an app's clients; of one, when it is named. */
export async function findGrantIdsOfApp(
  db: Database,
  filter: GrantFilter & { readonly limit: number; readonly grantId?: string | undefined },
): Promise<string[]> {
  const one = filter.grantId === undefined ? db`` : db`and g.grant_id = ${filter.grantId}`;
  const rows = await db<{ id: string }[]>`
    select g.grant_id as id ${fromGrants(db, filter)} ${one} order by g.grant_id
    limit ${filter.limit}`;
  return rows.map((row) => row.id);
}

/** Deletes the opaque access tokens of a user; grants and refresh tokens stay. */
export async function deleteAccessTokensOfUser(
  db: Database,
  filter: { readonly appId: string; readonly externalUserId: string },
): Promise<void> {
  await db`
    delete from auth.oidc_artifacts where model = 'AccessToken' and grant_id in (
      select g.grant_id ${fromGrants(db, filter)})`;
}

/** A person is a user of the app by the account they have here; others signed in as the user. */
function fromGrants(db: Database, { appId, externalUserId, clientId }: GrantFilter) {
  const ofUser =
    externalUserId === undefined ? db`` : db`and u.external_user_id = ${externalUserId}`;
  const ofClient = clientId === undefined ? db`` : db`and c.id = ${clientId}`;
  return db`
    from auth.clients c
    join auth.oidc_artifacts g on g.model = 'Grant' and g.grant_id is not null
      and g.payload ->> 'clientId' = c.id
    left join auth.app_users u on u.app_id = c.app_id and u.deleted_at is null
      and g.payload ->> 'accountId' in (u.id, u.account_id)
    where c.app_id = ${appId} and g.expires_at > now() ${ofUser} ${ofClient}`;
}
