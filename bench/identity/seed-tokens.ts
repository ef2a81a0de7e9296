import type { BenchStack } from '../payments/bench-stack.ts';
import { ISSUER_PATH } from './compare-rates.ts';

/** What the first app's public client holds of a person at several devices. */
export type SeededTokens = {
  readonly publicClientId: string;
  readonly refreshTokens: readonly string[];
  readonly opaque: string;
};

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

type Answer = Readonly<Record<string, string>>;

/** Signs a person in at `count` devices, which the app's backend approves. */
export async function seedTokens(stack: BenchStack, count: number): Promise<SeededTokens> {
  const { authOrigin, seeded } = stack;
  const { id: publicClientId, m2mClientId, m2mClientSecret } = seeded.app;
  const user = seeded.users[0]?.externalUserId ?? '';
  const machine = `Basic ${Buffer.from(`${m2mClientId}:${m2mClientSecret}`).toString('base64')}`;
  const issuer = `${authOrigin}${ISSUER_PATH}`;
  const subject = await post(`${authOrigin}/api/v1/apps/${publicClientId}/users/${user}/token`, {
    authorization: machine,
  });
  const refreshTokens: string[] = [];
  let opaque = '';
  for (let index = 0; index < count; index += 1) {
    const scope = 'openid offline_access';
    const form = { client_id: publicClientId, scope };
    const { device_code = '', user_code } = await post(`${issuer}/device/auth`, { form });
    const approval = {
      grant_type: EXCHANGE,
      subject_token: subject.access_token ?? '',
      subject_token_type: ACCESS_TOKEN,
      resource: `urn:pmth:device_code:${user_code}`,
    };
    await post(`${issuer}/token`, { authorization: machine, form: approval });
    const poll = { grant_type: DEVICE_CODE, device_code, client_id: publicClientId };
    const tokens = await post(`${issuer}/token`, { form: poll });
    refreshTokens.push(tokens.refresh_token ?? '');
    opaque = tokens.access_token ?? '';
  }
  return { publicClientId, refreshTokens, opaque };
}

async function post(
  url: string,
  input: { authorization?: string; form?: Record<string, string> },
): Promise<Answer> {
  const { authorization, form } = input;
  const headers = authorization === undefined ? undefined : { Authorization: authorization };
  const body = form === undefined ? undefined : new URLSearchParams(form);
  const response = await fetch(url, {
    method: 'POST',
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`POST ${new URL(url).pathname}: HTTP ${response.status}`);
  return (await response.json()) as Answer;
}
