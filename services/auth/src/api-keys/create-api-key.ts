import { newId, type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { LIMITS } from '../limits.ts';
import { hashSecret, mintSecret, type SecretPrefix } from '../secrets/generated-secret.ts';
import { type Peppers, pepperHash } from '../secrets/pepper.ts';
import { findUserByExternalId } from '../users/user-store.ts';
import type { ApiKey, KeySettings } from './api-key.ts';
import { countLiveKeys, insertApiKey, lockKeysOfApp } from './api-key-store.ts';

/** What a new key is to be. */
export type ApiKeyInput = Partial<
  Pick<KeySettings, 'resources' | 'allowedOrigins' | 'ipAllowlist' | 'rateLimit' | 'rateWindowSec'>
> & {
  readonly appId: string;
  /** Whose key it is; left out, it is the app's own, for a gateway. */
  readonly externalUserId?: string | undefined;
  readonly kind: ApiKey['kind'];
  readonly mode: ApiKey['mode'];
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresInSec: number;
  readonly actor: string;
  readonly requestId?: string | undefined;
};

export type CreatedApiKey = ApiKey & { readonly key: string };

export type CreateApiKeyDeps = ChangeIdentityDeps & { readonly peppers: Peppers };

/**
 * Creates an API key, shown this once.
 *
 * @returns `not_found` for an unknown user, `conflict` when the app has too many live keys.
 */
export async function createApiKey(
  deps: CreateApiKeyDeps,
  input: ApiKeyInput,
): Promise<Outcome<CreatedApiKey, 'not_found' | 'conflict'>> {
  return changeIdentity(deps, (tx, record) =>
    writeApiKey({ tx, record, peppers: deps.peppers }, input),
  );
}

/** The same inside a transaction of the caller. */
export async function writeApiKey(
  deps: { tx: Transaction; record: (change: IdentityChange) => void; peppers: Peppers },
  input: ApiKeyInput,
): Promise<Outcome<CreatedApiKey, 'not_found' | 'conflict'>> {
  const { tx, record, peppers } = deps;
  const { appId, kind, mode, externalUserId } = input;
  const user =
    externalUserId === undefined ? null : await findUserByExternalId(tx, appId, externalUserId);
  if (user === undefined) return refused('not_found');
  await lockKeysOfApp(tx, appId);
  if ((await countLiveKeys(tx, appId)) >= LIMITS.apiKeysPerAppMax) return refused('conflict');
  const prefix: SecretPrefix = `lp_${kind === 'secret' ? 'sk' : 'pk'}_${mode}_`;
  const key = mintSecret(prefix);
  const row = await insertApiKey(tx, {
    id: newId('key'),
    appId,
    userId: user?.id ?? null,
    kind,
    mode,
    purpose: 'key',
    name: input.name,
    displayPrefix: prefix,
    last4: key.slice(-4),
    scopes: input.scopes,
    resources: input.resources ?? [],
    allowedOrigins: input.allowedOrigins ?? [],
    ipAllowlist: input.ipAllowlist ?? [],
    rateLimit: input.rateLimit ?? null,
    rateWindowSec: input.rateWindowSec ?? null,
    rotatedFrom: null,
    expiresAt: new Date(Date.now() + input.expiresInSec * 1000),
    keyHmac: pepperHash(peppers[0], hashSecret(key)),
    pepperVersion: peppers[0].version,
    createdBy: input.actor,
  });
  record({ kind: 'key', id: row.id, appId, status: 'active' });
  const { actor, requestId } = input;
  await recordAudit(tx, { action: 'key.created', actor, appId, target: row.id, requestId });
  return ok({ ...row, key });
}
