import { randomBytes } from 'node:crypto';
import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { inTransaction, type TransactionDeps } from '../identity/change-identity.ts';
import type { ExternalIssuer, ExternalIssuerInput } from './external-issuer.ts';
import {
  deleteExternalIssuer,
  findExternalIssuers,
  insertExternalIssuer,
} from './external-issuer-store.ts';

type Deps = TransactionDeps;
type By = { readonly actor: string; readonly requestId?: string | undefined };

const ID_BYTES = 12;

/** Lets an app trust another issuer: who holds its keys speaks for every user of the app. */
export async function addExternalIssuer(
  deps: Deps,
  input: ExternalIssuerInput & By & { appId: string },
): Promise<Outcome<ExternalIssuer, 'conflict'>> {
  const { appId, actor, requestId } = input;
  const id = `ext_${randomBytes(ID_BYTES).toString('hex')}`;
  const added = await inTransaction(deps, async (tx) => {
    const row = await insertExternalIssuer(tx, { ...input, id, createdBy: actor });
    if (!row) return undefined;
    const detail = { issuer: row.issuer };
    const action = 'external_issuer.added';
    await recordAudit(tx, { action, actor, appId, target: id, requestId, detail });
    return row;
  });
  return added ? ok(added) : refused('conflict');
}

/** A page of the issuers that an app trusts. */
export function listExternalIssuers(
  deps: Deps,
  input: { appId: string; limit: number; after?: string | undefined },
): Promise<ExternalIssuer[]> {
  return findExternalIssuers(deps.db, input.appId, input);
}

/** Ends an app's trust in an issuer, from the next exchange on. */
export async function removeExternalIssuer(
  deps: Deps,
  input: By & { appId: string; id: string },
): Promise<Outcome<undefined, 'not_found'>> {
  const { appId, id, actor, requestId } = input;
  const isRemoved = await inTransaction(deps, async (tx) => {
    if (!(await deleteExternalIssuer(tx, appId, id))) return false;
    const action = 'external_issuer.removed';
    await recordAudit(tx, { action, actor, appId, target: id, requestId });
    return true;
  });
  return isRemoved ? ok(undefined) : refused('not_found');
}
