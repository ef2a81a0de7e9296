import { type Credential, callApi, textIn } from './call-api.ts';
import type { DemoConfig } from './config.ts';

/** The client app: what an integrator's backend does with the builder API. */
export type ClientApp = {
  /** Machine token with the rights to provision, to mint and to read usage. */
  readonly machineToken: string;
  /** Provisions a user, or finds it again. */
  readonly provision: (externalUserId: string) => Promise<{ userId: string }>;
  /** A token with which the user may ask the signer. */
  readonly mintSignerToken: (externalUserId: string) => Promise<string>;
};

const MACHINE_SCOPE = 'users:write users:token usage:read';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Gets a machine token (RFC 6749, 4.4) and speaks for the app from then on. */
export async function openClientApp(config: DemoConfig): Promise<ClientApp> {
  const basic: Credential = {
    kind: 'basic',
    id: config.app.m2mClientId,
    secret: config.app.m2mClientSecret,
  };
  const tokenUrl = `${config.issuer}/token`;
  const machineToken = textIn(
    await callApi({
      method: 'POST',
      url: tokenUrl,
      credential: basic,
      form: { grant_type: 'client_credentials', scope: MACHINE_SCOPE },
    }),
    'access_token',
  );
  const base = `${config.origin}/api/v1/apps/${config.app.id}/users`;
  const bearer: Credential = { kind: 'bearer', token: machineToken };
  return {
    machineToken,
    provision: async (externalUserId) => {
      const json = { externalUserId, email: `${externalUserId}@example.com` };
      const user = await callApi({ method: 'POST', url: base, credential: bearer, json });
      return { userId: textIn(user, 'id') };
    },
    mintSignerToken: async (externalUserId) => {
      const minted = await callApi({
        method: 'POST',
        url: `${base}/${encodeURIComponent(externalUserId)}/token`,
        credential: bearer,
        json: {},
      });
      const exchanged = await callApi({
        method: 'POST',
        url: tokenUrl,
        credential: basic,
        form: {
          grant_type: EXCHANGE,
          subject_token: textIn(minted, 'access_token'),
          subject_token_type: ACCESS_TOKEN,
          requested_token_type: ACCESS_TOKEN,
          resource: config.issuer,
        },
      });
      return textIn(exchanged, 'access_token');
    },
  };
}
