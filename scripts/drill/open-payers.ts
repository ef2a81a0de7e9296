import { type Credential, callApi, textIn } from '../demo/call-api.ts';

/** Who pays: an app user with a token of its own. */
export type Payer = {
  readonly appId: string;
  readonly userId: string;
  /** A token that lives long enough for any call; renewed well before its end. */
  readonly token: () => Promise<string>;
};

/** An app with its machine client. */
export type PayingApp = {
  readonly appId: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** User tokens live for 15 minutes. */
const RENEW_AFTER_MS = 8 * 60_000;

/** Provisions users of an app, each with a token. */
export async function openPayers(
  authOrigin: string,
  app: PayingApp,
  input: { readonly count: number; readonly prefix: string },
): Promise<Payer[]> {
  const names = Array.from({ length: input.count }, (_, index) => `${input.prefix}-${index}`);
  const payers: Payer[] = [];
  for (const name of names) payers.push(await openPayer(authOrigin, app, name));
  return payers;
}

async function openPayer(origin: string, app: PayingApp, name: string): Promise<Payer> {
  const credential: Credential = { kind: 'basic', id: app.clientId, secret: app.clientSecret };
  const url = `${origin}/api/v1/apps/${app.appId}/users`;
  const user = await callApi({ method: 'POST', url, credential, json: { externalUserId: name } });
  const mint = async () => {
    const call = { method: 'POST', url: `${url}/${name}/token`, credential, json: {} } as const;
    return textIn(await callApi(call), 'access_token');
  };
  let token = await mint();
  let mintedAtMs = performance.now();
  return {
    appId: app.appId,
    userId: textIn(user, 'id'),
    token: async () => {
      if (performance.now() - mintedAtMs < RENEW_AFTER_MS) return token;
      mintedAtMs = performance.now();
      token = await mint();
      return token;
    },
  };
}
