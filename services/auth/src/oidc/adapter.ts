import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { FindClient } from '../clients/client-cache.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import type { Sealer } from '../secrets/sealer.ts';
import {
  type ArtifactRow,
  consumeArtifact,
  deleteArtifact,
  deleteArtifactsOfGrant,
  findArtifact,
  findGrantIdOf,
  upsertArtifact,
} from './artifact-store.ts';
import { clientMetadata } from './client-metadata.ts';
import { revokeGrant } from './revoke-grant.ts';

export type AdapterDeps = ChangeIdentityDeps & {
  readonly sealer: Sealer;
  readonly findClient: FindClient;
};

/** For an artifact that came without a lifetime; all that are configured have one. */
const DEFAULT_TTL_SEC = 3_600;
/** Models that are read by another key than their id, which must then be given back. */
const SEALED_MODELS = new Set(['Session', 'DeviceCode']);
/** Models that may only be written while their grant exists. */
const GRANT_MODELS = new Set(['AccessToken', 'RefreshToken', 'AuthorizationCode', 'DeviceCode']);

/**
 * Storage of oidc-provider over Postgres: one adapter a model. `consume` is an atomic
 * test-and-set; whoever comes second revokes the grant and gets `invalid_grant`.
 */
export function createAdapterFactory(deps: AdapterDeps): (model: string) => Adapter {
  return (model) => (model === 'Client' ? clientAdapter(deps) : artifactAdapter(deps, model));
}

function artifactAdapter(deps: AdapterDeps, model: string): Adapter {
  const { db, sealer } = deps;
  const userCodeHash = (code: string) => sealer.lookupHash(code, 'user code');
  return {
    upsert: async (id, payload, expiresIn) => {
      const { jti: _jti, userCode, ...kept } = payload;
      const secret = JSON.stringify({ jti: id, userCode });
      const written = await upsertArtifact(
        db,
        {
          model,
          id,
          payload: kept,
          sealed: SEALED_MODELS.has(model) ? sealer.seal(secret, model) : null,
          grantId: payload.grantId ?? null,
          uid: model === 'Session' ? (payload.uid ?? null) : null,
          userCodeHash: userCode === undefined ? null : userCodeHash(userCode),
          expiresInSec: expiresIn ?? DEFAULT_TTL_SEC,
        },
        GRANT_MODELS.has(model),
      );
      if (!written) throw new errors.InvalidGrant('grant was revoked');
    },
    find: async (id) => toPayload(deps, model, await findArtifact(db, model, { id }), id),
    findByUid: async (uid) => toPayload(deps, model, await findArtifact(db, model, { uid })),
    findByUserCode: async (code) =>
      toPayload(deps, model, await findArtifact(db, model, { userCodeHash: userCodeHash(code) })),
    consume: async (id) => {
      if (await consumeArtifact(db, model, id)) return;
      const grantId = await findGrantIdOf(db, model, id);
      if (grantId !== undefined) await revokeGrant(deps, grantId);
      throw new errors.InvalidGrant(`${model} was used before`);
    },
    destroy: (id) => (model === 'Grant' ? revokeGrant(deps, id) : deleteArtifact(db, model, id)),
    revokeByGrantId: (grantId) => deleteArtifactsOfGrant(db, model, grantId),
  };
}

function toPayload(
  deps: AdapterDeps,
  model: string,
  row: ArtifactRow | undefined,
  id?: string,
): AdapterPayload | undefined {
  if (!row) return undefined;
  const opened = row.sealed === null ? {} : JSON.parse(deps.sealer.open(row.sealed, model));
  const jti = id ?? opened.jti;
  const consumed = row.consumedAtSec === null ? {} : { consumed: row.consumedAtSec };
  return { ...row.payload, ...opened, jti, ...consumed };
}

/** Clients are rows of their own; a change of one holds at once, everywhere. */
function clientAdapter(deps: AdapterDeps): Adapter {
  const refuse = async () => {
    throw new Error('clients are not written through oidc-provider');
  };
  const nothing = async () => undefined;
  return {
    upsert: refuse,
    find: async (id) => {
      const client = await deps.findClient(id);
      return client ? clientMetadata(client) : undefined;
    },
    findByUid: nothing,
    findByUserCode: nothing,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
