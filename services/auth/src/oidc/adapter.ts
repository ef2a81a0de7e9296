import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { FindClient } from '../clients/client-cache.ts';
import type { ChangeIdentityDeps } from '../identity/change-identity.ts';
import { LIMITS } from '../limits.ts';
import type { Sealer } from '../secrets/sealer.ts';
import {
  type ArtifactInput,
  type ArtifactRow,
  consumeArtifact,
  deleteArtifact,
  deleteArtifactsOfGrant,
  findArtifact,
  replaceArtifact,
  upsertArtifact,
} from './artifact-store.ts';
import { clientMetadata } from './client-metadata.ts';
import { findUsedCode } from './one-time-code-store.ts';
import { createArtifactReader, type ReadArtifact } from './read-artifacts.ts';
import { type OneTimeGrant, requestScope } from './request-scope.ts';
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
/** What a grant redeems: used up by us, so that oidc-provider must not judge it first. */
const REDEEMED: Readonly<Record<OneTimeGrant, string>> = {
  authorization_code: 'AuthorizationCode',
  device_code: 'DeviceCode',
  refresh_token: 'RefreshToken',
};

/**
 * Storage of oidc-provider over Postgres: one adapter a model. `consume` is an atomic
 * test-and-set. Whoever comes second with a code gets `invalid_grant`, and ends the grant unless
 * the first is still being answered; a refresh token is used up together with the writing of what
 * takes its place (see `rotate-refresh-token.ts`).
 */
export function createAdapterFactory(deps: AdapterDeps): (model: string) => Adapter {
  const read = createArtifactReader(deps.db);
  return (model) =>
    model === 'Client' ? clientAdapter(deps) : artifactAdapter({ ...deps, read }, model);
}

function artifactAdapter(
  deps: AdapterDeps & { readonly read: ReadArtifact },
  model: string,
): Adapter {
  const { db } = deps;
  return {
    upsert: async (id, payload, expiresIn) => {
      const input = toInput(deps, model, { id, payload, expiresIn });
      // See `keep-sessions-ended.ts`: a row that is gone stays so.
      if (typeof payload.replaces === 'string') await replaceArtifact(db, input, payload.replaces);
      else await write(deps, input);
    },
    find: (id) => find(deps, model, id),
    findByUid: async (uid) => toPayload(deps, model, await findArtifact(db, model, { uid })),
    findByUserCode: (code) => findByUserCode(deps, model, code),
    consume: (id) => consume(deps, model, id),
    destroy: (id) => (model === 'Grant' ? revokeGrant(deps, id) : deleteArtifact(db, model, id)),
    revokeByGrantId: (grantId) => deleteArtifactsOfGrant(db, model, grantId),
  };
}

async function find(
  deps: AdapterDeps & { readonly read: ReadArtifact },
  model: string,
  id: string,
): Promise<AdapterPayload | undefined> {
  const scope = requestScope();
  if (model === 'Grant' && scope?.readGrant?.id === id) return { ...scope.readGrant.payload };
  if (!isRedeemed(model)) return toPayload(deps, model, await deps.read(model, id), id);
  const row = await deps.read(model, id, true);
  const found = toPayload(deps, model, row, id);
  if (!found) return undefined;
  if (scope && row?.grantPayload && found.grantId !== undefined) {
    // Asked for next. That the grant is still there when its tokens are written is seen to then.
    scope.readGrant = { id: found.grantId, payload: { ...row.grantPayload, jti: found.grantId } };
  }
  return asRedeemed(deps, found);
}

function toInput(
  deps: AdapterDeps,
  model: string,
  input: { id: string; payload: AdapterPayload; expiresIn: number | undefined },
): ArtifactInput {
  const { id, payload, expiresIn } = input;
  const { jti: _jti, userCode, replaces: _replaces, ...kept } = payload;
  const secret = JSON.stringify({ jti: id, userCode });
  return {
    model,
    id,
    payload: kept,
    sealed: SEALED_MODELS.has(model) ? deps.sealer.seal(secret, model) : null,
    // A grant names itself, so that a person's grants can be listed and ended.
    grantId: model === 'Grant' ? id : (payload.grantId ?? null),
    uid: model === 'Session' ? (payload.uid ?? null) : null,
    userCodeHash: userCode === undefined ? null : deps.sealer.lookupHash(userCode, 'user code'),
    expiresInSec: expiresIn ?? DEFAULT_TTL_SEC,
  };
}

async function write(deps: AdapterDeps, input: ArtifactInput): Promise<void> {
  if (awaitsRotation(input)) return;
  const written = await upsertArtifact(deps.db, input, GRANT_MODELS.has(input.model));
  if (!written) throw new errors.InvalidGrant('grant was revoked');
}

/**
 * What takes a refresh token's place is not written by itself: all of it together uses the token
 * up, see `redeem-grants.ts`.
 */
function awaitsRotation(input: ArtifactInput): boolean {
  const scope = requestScope();
  if (scope?.parentToken === undefined) return false;
  if (input.model === 'RefreshToken') {
    scope.rotation = { parentId: scope.parentToken, child: input };
    return true;
  }
  if (input.model !== 'AccessToken' || scope.rotation === undefined) return false;
  scope.rotation = { ...scope.rotation, access: input };
  return true;
}

/** Is this model what the grant of this request redeems? */
function isRedeemed(model: string): boolean {
  const grant = requestScope()?.grant;
  return grant !== undefined && REDEEMED[grant.type] === model;
}

/**
 * A code or token about to be redeemed, whatever became of it: whether it may be used is decided
 * when it is, by the database. One of another client is a theft that was noticed.
 */
async function asRedeemed(
  deps: AdapterDeps,
  payload: AdapterPayload,
): Promise<AdapterPayload | undefined> {
  const { consumed: _consumed, ...rest } = payload;
  const isOwn = payload.clientId === requestScope()?.grant?.clientId;
  if (!isOwn && payload.kind === 'RefreshToken' && payload.grantId !== undefined) {
    await revokeGrant(deps, payload.grantId, 'refresh token presented by another client');
    return undefined;
  }
  return rest;
}

async function consume(deps: AdapterDeps, model: string, id: string): Promise<void> {
  const { db } = deps;
  const scope = requestScope();
  if (scope && model === 'RefreshToken' && isRedeemed(model)) {
    scope.parentToken = id;
    return;
  }
  if (await consumeArtifact(db, model, id)) return;
  const used = await findUsedCode(db, model, id, LIMITS.codeAnswerMaxSec);
  if (used?.isSettled && used.grantId !== null) {
    await revokeGrant(deps, used.grantId, `${model} used twice`);
  }
  throw new errors.InvalidGrant(`${model} was used before`);
}

async function findByUserCode(
  deps: AdapterDeps,
  model: string,
  code: string,
): Promise<AdapterPayload | undefined> {
  const userCodeHashes = deps.sealer.lookupHashes(code, 'user code');
  const found = await findArtifact(deps.db, model, { userCodeHashes });
  const scope = requestScope();
  if (!found && scope) scope.missedUserCode = true;
  return toPayload(deps, model, found);
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
