import type { CreateApiKeyDeps } from '../api-keys/create-api-key.ts';
import { createApiKey } from '../api-keys/create-api-key.ts';
import { findApp, findApps } from '../apps/app-store.ts';
import { LIMITS } from '../limits.ts';

const DAY_SEC = 86_400;
const APPS_LOOKED_AT = 2;

/** What a go-livepeer operator pastes into the gateway's environment. */
export type AddedGateway = {
  readonly appId: string;
  readonly keyId: string;
  readonly expiresAt: string;
  readonly lines: readonly string[];
};

/**
 * Makes an API key for one gateway and the lines that point it at the signer.
 *
 * @param input.appId the app that pays; may be left out where there is only one.
 * @throws Error with a line that says what is missing.
 */
export async function addGateway(
  deps: CreateApiKeyDeps,
  input: { name: string; appId: string | undefined; signerUrl: string | undefined; actor: string },
): Promise<AddedGateway> {
  if (input.signerUrl === undefined) throw new Error('SIGNER_PUBLIC_URL is not set');
  const appId = input.appId ?? (await onlyApp(deps));
  if (!(await findApp(deps.db, appId))) throw new Error(`there is no app ${appId}`);
  const created = await createApiKey(deps, {
    appId,
    name: `gateway ${input.name}`.slice(0, 200),
    kind: 'secret',
    mode: 'live',
    scopes: ['sign:job'],
    expiresInSec: LIMITS.apiKeyTtlDaysDefault * DAY_SEC,
    actor: input.actor,
  });
  if (!created.ok) throw new Error('the app has too many live keys: revoke some first');
  const { id: keyId, key, expiresAt } = created.value;
  return {
    appId,
    keyId,
    expiresAt: expiresAt.toISOString(),
    lines: [
      `LP_REMOTESIGNERURL=${input.signerUrl}`,
      `LP_REMOTESIGNERHEADERS=Authorization:Bearer ${key}`,
    ],
  };
}

async function onlyApp(deps: CreateApiKeyDeps): Promise<string> {
  const apps = await findApps(deps.db, APPS_LOOKED_AT);
  const [app] = apps;
  if (!app) throw new Error('there is no app yet: make one first (POST /api/v1/admin/apps)');
  if (apps.length > 1) throw new Error('there are several apps: name one with --app app_…');
  return app.id;
}
