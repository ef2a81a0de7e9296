import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillForm, findForm, linkTo } from '../../scripts/conformance/agent/page-forms.ts';
import {
  authorizationUrl,
  authorize,
  codeIn,
  redeem,
  signIn,
} from '../../scripts/conformance/agent/relying-party.ts';
import { UserAgent } from '../../scripts/conformance/agent/user-agent.ts';
import { openSuite, type Suite } from '../../scripts/conformance/suite.ts';
import {
  dumpTables,
  findSecrets,
  type Place,
  readFolder,
  readRedisFiles,
} from './fixture/find-secrets.ts';
import type { Secret } from './fixture/list-secrets.ts';
import { type IssuerCluster, startIssuerCluster } from './fixture/start-issuer-cluster.ts';

const SECRET_CHARS_MIN = 8;

describe('after people signed in, with logs at their most talkative', () => {
  let cluster: IssuerCluster;
  let suite: Suite;
  let secrets: readonly Secret[];
  let places: Readonly<Record<'tables' | 'logs' | 'redis', readonly Place[]>>;

  beforeAll(async () => {
    cluster = await startIssuerCluster(['auth-1', 'auth-2']);
    suite = await openSuite({ ...cluster, url: `${cluster.origin}/api/v1/oidc` }, 0);
    const agent = new UserAgent();
    const offline = { scope: 'openid profile offline_access', prompt: 'consent' };
    const tokens = await signIn(suite, offline, agent);
    const used = codeIn(suite, (await authorize(suite, {}, agent)).response);
    await redeem(suite, used);
    const live = codeIn(suite, (await authorize(suite, {}, agent)).response);
    const device = await startDevice();
    const mailed = await askForReset();
    const key = await cluster.makeKey();
    const known: Record<string, string> = {
      password: cluster.person.password,
      'access token': tokens.accessToken,
      'refresh token': tokens.refreshToken ?? '',
      'ID token': tokens.idToken,
      'used code': used,
      'live code': live,
      'device code': device.device_code,
      'user code': device.user_code,
      'bare user code': device.user_code.replace('-', ''),
      'link of a mail': mailed,
      'API key': key,
      'client secret': suite.client.clientSecret,
      'machine secret': cluster.seeded.app.m2mClientSecret,
      'admin secret': cluster.seeded.admin.clientSecret,
      'key encryption key': cluster.options.secrets.keyEncryptionKey,
      pepper: cluster.options.secrets.apiKeyPepper.split(':')[1] ?? '',
    };
    for (const [index, text] of agent.cookieValues.entries()) known[`cookie ${index}`] = text;
    for (const text of cluster.options.secrets.cookieKeys.split(',')) known['cookie key'] = text;
    await sendWhereTheyAreRefused(Object.values(known));
    secrets = Object.entries(known).flatMap(([name, text]) => formsOf(name, text));
    places = {
      tables: await dumpTables(cluster.database.superuserUrl),
      logs: readFolder(join(cluster.dataDir, 'logs'), 'log'),
      redis: await readRedisFiles(cluster.redis.port),
    };
  });
  afterAll(() => cluster?.stop());

  const startDevice = async () => {
    const client_id = await cluster.setPublicClient({});
    const response = await fetch(`${cluster.origin}/api/v1/oidc/device/auth`, {
      method: 'POST',
      body: new URLSearchParams({ client_id, scope: 'openid' }),
    });
    return (await response.json()) as { device_code: string; user_code: string };
  };
  /** The token of a link that nobody has used. */
  const askForReset = async () => {
    const folder = join(cluster.dataDir, 'mail');
    const before = new Set(readdirSync(folder));
    const agent = new UserAgent();
    const login = await agent.get(authorizationUrl(suite));
    const page = await agent.get(linkTo(login, '/forgot'));
    await agent.submit(fillForm(findForm(page, '/forgot'), { email: cluster.person.email }));
    // A file is there a moment before what is in it.
    const linked = () => {
      const fresh = readdirSync(folder).find((name) => !before.has(name));
      const text = fresh === undefined ? '' : readFileSync(join(folder, fresh), 'utf8');
      return /\/account\/mail\?token=([\w.~-]+)\n/.exec(text)?.[1];
    };
    return waitFor(linked, { what: 'the mail' });
  };
  /** Errors are logged, and must not quote what they are about. */
  const sendWhereTheyAreRefused = async (texts: readonly string[]) => {
    const { clientId } = suite.client;
    for (const text of texts) {
      const as = { headers: { authorization: `Bearer ${encodeURIComponent(text)}` } };
      await fetch(suite.metadata.userinfo_endpoint, as);
      await fetch(`${cluster.origin}/api/v1/forward-auth`, as);
      const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: text };
      for (const more of [{ client_secret: text }, { code: text, code_verifier: text }]) {
        const body = new URLSearchParams({ ...form, ...more });
        const response = await fetch(suite.metadata.token_endpoint, { method: 'POST', body });
        expect(response.status).toBeGreaterThanOrEqual(400);
      }
    }
  };

  it('made every secret that is looked for', () => {
    const short = secrets.filter(({ text }) => text.length < SECRET_CHARS_MIN);
    expect(short).toEqual([]);
    expect(secrets.filter(({ name }) => name.startsWith('cookie ')).length).toBeGreaterThan(3);
  });

  it.each(['tables', 'logs', 'redis'] as const)('S36: no live secret stands in: %s', (kind) => {
    expect(findSecrets(places[kind], secrets)).toEqual([]);
  });

  it('the search would find them: what is no secret is found', () => {
    const found = (kind: keyof typeof places, text: string) =>
      findSecrets(places[kind], [{ name: 'it', text }]);
    expect(found('tables', suite.client.clientId).length).toBeGreaterThan(1);
    expect(found('logs', suite.client.clientId)).not.toEqual([]);
    expect(found('redis', 'rate:auth')).not.toEqual([]);
  });
});

function formsOf(name: string, text: string): Secret[] {
  const bytes = Buffer.from(text);
  return [
    { name, text },
    { name: `${name} in base64`, text: bytes.toString('base64').replace(/=+$/, '') },
    { name: `${name} in hex`, text: bytes.toString('hex') },
  ];
}
