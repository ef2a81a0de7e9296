import type { Database, Transaction } from '@clearinghouse/shared';
import type { ExternalIssuer, ExternalIssuerInput } from './external-issuer.ts';

/** Reads the issuer of this name that an app trusts. */
export async function findExternalIssuer(
  db: Database,
  appId: string,
  issuer: string,
): Promise<ExternalIssuer | undefined> {
  const [row] = await db<ExternalIssuer[]>`
    select ${columns(db)} from auth.external_issuers
    where app_id = ${appId} and issuer = ${issuer} and status = 'active'`;
  return row;
}

/** Reads issuers that an app trusts in the order of their ids, those that come after one. */
export async function findExternalIssuers(
  db: Database,
  appId: string,
  page: { limit: number; after?: string | undefined },
): Promise<ExternalIssuer[]> {
  return db<ExternalIssuer[]>`
    select ${columns(db)} from auth.external_issuers
    where app_id = ${appId} and status = 'active' and id > ${page.after ?? ''}
    order by id limit ${page.limit}`;
}

/** Writes an issuer; undefined when the app has one of that name. */
export async function insertExternalIssuer(
  tx: Transaction,
  input: ExternalIssuerInput & { id: string; appId: string; createdBy: string },
): Promise<ExternalIssuer | undefined> {
  const { id, appId, issuer, jwksUri, algs, audience, subjectClaim, provisionsUsers } = input;
  const [row] = await tx<ExternalIssuer[]>`
    insert into auth.external_issuers (id, app_id, issuer, jwks_uri, algs, audience, subject_claim,
      provisions_users, created_by)
    values (${id}, ${appId}, ${issuer}, ${jwksUri}, ${[...algs]}, ${audience}, ${subjectClaim},
      ${provisionsUsers}, ${input.createdBy})
    on conflict (app_id, issuer) do nothing returning ${columns(tx)}`;
  return row;
}

/** Deletes an issuer of an app; false when it has none of that id. */
export async function deleteExternalIssuer(
  tx: Transaction,
  appId: string,
  id: string,
): Promise<boolean> {
  const rows = await tx`
    delete from auth.external_issuers where app_id = ${appId} and id = ${id} returning 1`;
  return rows.length > 0;
}

function columns(db: Database) {
  return db`id, app_id as "appId", issuer, jwks_uri as "jwksUri", algs, audience,
    subject_claim as "subjectClaim", provisions_users as "provisionsUsers",
    created_at as "createdAt"`;
}
