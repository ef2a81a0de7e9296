import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@clearinghouse/testing';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setAccountStatus } from '../accounts/change-account.ts';
import { deleteAccount } from '../accounts/delete-account.ts';
import { endSessions, revokeApp } from '../accounts/end-access.ts';
import { REDIRECT } from '../testing/browser.ts';
import { setClientMetadata } from '../testing/set-client-metadata.ts';
import { makeAccount, redeem, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth, type TestReplica } from '../testing/start-test-auth.ts';
import { tellApps } from './tell-apps.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe('apps are told of a session that ended here', () => {
  let auth: TestAuth;
  let second: TestReplica;
  let app: Server;
  let received: string[] = [];
  let status = 200;
  let people = 0;
  beforeAll(async () => {
    auth = await startTestAuth();
    second = await auth.startReplica();
    app = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        received.push(form.get('logout_token') ?? '');
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    await register({
      backchannel_logout_uri: `http://127.0.0.1:${(app.address() as AddressInfo).port}/logout`,
      backchannel_logout_session_required: true,
    });
  });
  beforeEach(() => {
    received = [];
    status = 200;
  });
  afterAll(async () => {
    app.close();
    await second.stop();
    await auth.stop();
  });

  const register = (changed: Record<string, unknown>) =>
    setClientMetadata([auth, second], auth.seed.publicClientId, {
      redirect_uris: [REDIRECT],
      ...changed,
    });
  const claimsOf = async (token: string) => {
    const keys = createRemoteJWKSet(new URL(`${auth.config.issuer}/jwks`));
    const { payload } = await jwtVerify(token, keys, {
      issuer: auth.config.issuer,
      audience: auth.seed.publicClientId,
      typ: 'logout+jwt',
    });
    return payload;
  };
  /** A person who signed in to the app, and what the app's ID token says of them. */
  const signedIn = async () => {
    people += 1;
    const accountId = await makeAccount(auth, { email: `told${people}@example.org` });
    const client = { clientId: auth.seed.publicClientId, redirectUri: REDIRECT };
    const { body } = await redeem(auth, await signIn(auth, { ...client, accountId }), client);
    const known = JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url').toString());
    const [session] = await auth.deps.db<{ uid: string }[]>`
      select uid from auth.oidc_artifacts
      where model = 'Session' and payload ->> 'accountId' = ${accountId}`;
    return { accountId, uid: session?.uid ?? '', sub: known.sub as string };
  };
  const grantOf = async (accountId: string) => {
    const [row] = await auth.deps.db<{ id: string }[]>`
      select grant_id as id from auth.oidc_artifacts
      where model = 'Grant' and payload ->> 'accountId' = ${accountId}`;
    return row?.id ?? '';
  };
  type Person = Awaited<ReturnType<typeof signedIn>>;

  it.each([
    [
      'the person signs that browser out',
      ({ accountId, uid }: Person) => endSessions(auth.deps, { accountId, choice: { uid } }),
    ],
    [
      'the person is suspended',
      ({ accountId }: Person) =>
        setAccountStatus(auth.deps, { accountId, status: 'suspended', actor: 'test' }),
    ],
    [
      'the account is deleted',
      ({ accountId }: Person) => deleteAccount(auth.deps, { accountId, actor: accountId }),
    ],
    [
      'the app is taken back',
      async ({ accountId }: Person) =>
        revokeApp(auth.deps, { accountId, grantId: await grantOf(accountId) }),
    ],
  ])('when %s: once, by the name that it knows', async (_what, act) => {
    const person = await signedIn();
    await act(person);
    await waitFor(() => received.length > 0);
    const claims = await claimsOf(received[0] ?? '');
    expect(claims).toMatchObject({ sub: person.sub, events: { [EVENT]: {} } });
    expect(claims.sid).toBeTypeOf('string');
    await Promise.all([tellApps(auth.deps), tellApps(second.deps)]);
    const left = async () => (await auth.deps.db`select 1 from auth.logout_notices`).length;
    await waitFor(async () => (await left()) === 0);
    expect(received).toHaveLength(1);
  });

  it('an app that fails is told again later, and given up in the end', async () => {
    status = 500;
    const { accountId, uid } = await signedIn();
    await endSessions(auth.deps, { accountId, choice: { uid } });
    await waitFor(() => received.length === 1);
    const notices = () => auth.deps.db<{ tries: number; waits: boolean }[]>`
      select tries, next_try_at > now() as waits from auth.logout_notices`;
    expect(await notices()).toEqual([{ tries: 1, waits: true }]);
    await tellApps(auth.deps);
    expect(received).toHaveLength(1);
    await auth.deps.db`update auth.logout_notices set next_try_at = now(), tries = 5`;
    await waitFor(async () => (await notices()).length === 0);
    expect(received).toHaveLength(2);
  });

  it('one that did not register for it is told nothing', async () => {
    await register({});
    const { accountId, uid } = await signedIn();
    await endSessions(auth.deps, { accountId, choice: { uid } });
    expect(await auth.deps.db`select 1 from auth.logout_notices`).toHaveLength(0);
  });
});
