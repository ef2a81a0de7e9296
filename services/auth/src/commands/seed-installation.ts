import { newId, type Transaction } from '@clearinghouse/shared';
import { writeApiKey } from '../api-keys/create-api-key.ts';
import { createApp } from '../apps/create-app.ts';
import { type ChangeIdentityDeps, changeIdentity } from '../identity/change-identity.ts';
import type { IdentityChange } from '../identity/principal-status.ts';
import { LIMITS } from '../limits.ts';
import type { Peppers } from '../secrets/pepper.ts';
import { insertUser } from '../users/user-store.ts';
import { writeAdminClient } from './bootstrap-admin.ts';
import { claimStep, findStep, writeStepDetail } from './installation-store.ts';

/** What the first start of a development installation gets; every secret is shown this once. */
export type Seed = {
  readonly seeded: true;
  readonly app: { id: string; name: string };
  readonly publicClientId: string;
  readonly machine: { clientId: string; clientSecret: string };
  readonly admin: { clientId: string; clientSecret: string };
  /** The app's own key: the credential of a gateway. */
  readonly apiKey: { id: string; key: string };
  readonly users: readonly { id: string; externalUserId: string }[];
};

/** A later call: what there is, without secrets. */
export type AlreadySeeded = { readonly seeded: false; readonly app: { id: string; name: string } };

type SeedDeps = ChangeIdentityDeps & { readonly peppers: Peppers };

const APP_NAME = 'First app';
const USERS = ['alice', 'bob'] as const;
const ACTOR = 'seed';
const DAY_SEC = 86_400;

/**
 * Creates the first app, its clients, a key, two users and an administrator, once. With `again`
 * another first app is made: what the first call printed was lost, and no secret can be read
 * back.
 */
export async function seedInstallation(
  deps: SeedDeps,
  options: { again?: boolean } = {},
): Promise<Seed | AlreadySeeded> {
  return changeIdentity(deps, async (tx, record) => {
    if (!(await claimStep(tx, 'seed')) && options.again !== true) {
      const detail = await findStep(tx, 'seed');
      return { seeded: false, app: { id: String(detail?.appId), name: APP_NAME } };
    }
    return plant({ tx, record, peppers: deps.peppers });
  });
}

async function plant(deps: {
  tx: Transaction;
  record: (change: IdentityChange) => void;
  peppers: Peppers;
}): Promise<Seed> {
  const { tx, record } = deps;
  const { app, publicClientId, machine } = await createApp(deps, { name: APP_NAME, actor: ACTOR });
  const key = await writeApiKey(deps, {
    appId: app.id,
    kind: 'secret',
    mode: 'test',
    name: 'Gateway',
    scopes: ['sign:job'],
    expiresInSec: LIMITS.apiKeyTtlDaysDefault * DAY_SEC,
    actor: ACTOR,
  });
  if (!key.ok) throw new Error(`seed: the key was refused: ${key.code}`);
  const users: { id: string; externalUserId: string }[] = [];
  for (const externalUserId of USERS) {
    const id = newId('usr');
    await insertUser(tx, { id, appId: app.id, externalUserId, email: null, status: 'active' });
    record({ kind: 'user', id, appId: app.id, status: 'active' });
    users.push({ id, externalUserId });
  }
  const admin = await writeAdminClient(deps, { actor: ACTOR });
  await writeStepDetail(tx, 'seed', { appId: app.id });
  return {
    seeded: true,
    app: { id: app.id, name: app.name },
    publicClientId,
    machine: { clientId: machine.clientId, clientSecret: machine.clientSecret },
    admin,
    apiKey: { id: key.value.id, key: key.value.key },
    users,
  };
}
