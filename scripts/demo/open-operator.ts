import { type Credential, callApi, textIn } from './call-api.ts';
import type { DemoConfig } from './config.ts';

/** The operator: who may see balances and set caps. */
export type Operator = {
  readonly credential: Credential;
  readonly origin: string;
  /** Of the app. */
  readonly base: string;
};

/** Gets an admin token. */
export async function openOperator(config: DemoConfig): Promise<Operator> {
  const answer = await callApi({
    method: 'POST',
    url: `${config.issuer}/token`,
    credential: { kind: 'basic', id: config.admin.clientId, secret: config.admin.clientSecret },
    form: { grant_type: 'client_credentials', scope: 'admin' },
  });
  return {
    credential: { kind: 'bearer', token: textIn(answer, 'access_token') },
    origin: config.origin,
    base: `${config.origin}/api/v1/admin/apps/${config.app.id}`,
  };
}
