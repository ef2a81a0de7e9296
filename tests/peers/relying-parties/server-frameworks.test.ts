import type { IncomingMessage, RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { Auth } from '@auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInAt } from '../../../scripts/conformance/agent/sign-in.ts';
import { UserAgent } from '../../../scripts/conformance/agent/user-agent.ts';
import type { Client } from '../../../scripts/conformance/issuer/make-clients.ts';
import type { Issuer } from '../../../scripts/conformance/issuer/open-issuer.ts';
import { startIssuer } from './fixture-issuer.ts';
import { type Site, startSite } from './fixture-site.ts';

// Neither package brings types; this is what is used of them.
type Profile = { readonly id: string; readonly emails?: readonly { value: string }[] };
type Done = (error: unknown, user?: unknown, info?: unknown) => void;
type Verify = (issuer: string, profile: Profile, done: Done) => void;
type PassportPackage = {
  readonly Passport: new () => {
    use: (name: string, strategy: object) => void;
    authenticate: (name: string, options: object, done: Done) => RequestListenerWithNext;
  };
};
type RequestListenerWithNext = (
  ...args: [...Parameters<RequestListener>, next: (error?: unknown) => void]
) => void;
type StrategyPackage = new (options: object, verify: Verify) => object;

type AuthJsOptions = { checks?: ('pkce' | 'state' | 'nonce')[]; idToken?: boolean };

const require = createRequire(import.meta.url);
const { Passport } = require('passport') as PassportPackage;
const Strategy = require('passport-openidconnect') as StrategyPackage;

describe('sign-in of server frameworks, unmodified', () => {
  let issuer: Issuer;
  let site: Site | undefined;
  beforeAll(async () => {
    issuer = await startIssuer();
  });
  afterAll(async () => {
    await site?.stop();
    await issuer?.stop();
  });
  const open = async (make: (origin: string) => Promise<RequestListener>): Promise<Site> => {
    await site?.stop();
    site = await startSite(make);
    return site;
  };

  it.each<[string, AuthJsOptions]>([
    ['its defaults', {}],
    ['PKCE, state and nonce', { checks: ['pkce', 'state', 'nonce'] }],
    ['userinfo instead of the ID token', { idToken: false }],
  ])('@auth/core 0.41.3 with %s: a session with name and address', async (_name, options) => {
    const { origin } = await open(async (at) => {
      const redirect_uris = [`${at}/auth/callback/clearinghouse`];
      return authJs(at, issuer, { ...(await issuer.makeClient({ redirect_uris })), ...options });
    });
    const agent = new UserAgent();
    const { csrfToken } = JSON.parse((await agent.get(`${origin}/auth/csrf`)).text);
    const login = await agent.submit({
      action: `${origin}/auth/signin/clearinghouse`,
      method: 'POST',
      origin,
      fields: { csrfToken, callbackUrl: `${origin}/auth/session` },
    });
    const { end, asked } = await signInAt(agent, login, issuer.person);
    expect(asked).toEqual(['login', 'consent']);
    expect(end.url.href).toBe(`${origin}/auth/session`);
    const session = JSON.parse(end.text);
    expect(session.user).toMatchObject({ email: issuer.person.email, name: 'Ada Lovelace' });
  });

  it('passport-openidconnect 0.1.2: which knows no PKCE, as a client that is exempt', async () => {
    const { origin } = await open(async (at) => {
      const metadata = { redirect_uris: [`${at}/callback`], pkce_exempt: true };
      return passportSite(at, issuer, await issuer.makeClient(metadata));
    });
    const agent = new UserAgent();
    const { end } = await signInAt(agent, await agent.get(`${origin}/login`), issuer.person);
    expect([end.status, end.url.pathname]).toEqual([200, '/callback']);
    const { user } = JSON.parse(end.text);
    expect(user.id).toMatch(/^usr_/);
    expect(user.emails).toEqual([{ value: issuer.person.email }]);
  });

  it('pitfall 19: the same without the exemption is told that PKCE is required', async () => {
    const { origin } = await open(async (at) => {
      const metadata = { redirect_uris: [`${at}/callback`] };
      return passportSite(at, issuer, await issuer.makeClient(metadata));
    });
    const agent = new UserAgent();
    const end = await agent.get(`${origin}/login`);
    expect(end.url.searchParams.get('error')).toBe('invalid_request');
    expect(end.url.searchParams.get('error_description')).toMatch(/PKCE/);
  });
});

function authJs(origin: string, issuer: Issuer, options: Client & AuthJsOptions): RequestListener {
  return async (request, response) => {
    const answer = await Auth(await toRequest(request, origin), {
      basePath: '/auth',
      trustHost: true,
      secret: 'a secret of the relying party, long enough',
      providers: [
        {
          id: 'clearinghouse',
          name: 'Clearinghouse',
          type: 'oidc',
          issuer: issuer.url,
          ...options,
        },
      ],
    });
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers) response.appendHeader(name, value);
    response.end(await answer.text());
  };
}

async function toRequest(request: IncomingMessage, origin: string): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  let body = '';
  for await (const part of request) body += String(part);
  const { method = 'GET' } = request;
  const init = { method, headers, ...(body === '' ? {} : { body }) };
  return new Request(new URL(request.url ?? '/', origin), init);
}

/** A site of one visitor: its session is a variable. */
function passportSite(origin: string, issuer: Issuer, client: Client): RequestListener {
  const session = {};
  const strategy = new Strategy(
    {
      issuer: issuer.url,
      authorizationURL: `${issuer.url}/auth`,
      tokenURL: `${issuer.url}/token`,
      userInfoURL: `${issuer.url}/me`,
      clientID: client.clientId,
      clientSecret: client.clientSecret,
      callbackURL: `${origin}/callback`,
      scope: ['email'],
      skipUserProfile: false,
    },
    (_issuer, profile, done) => done(null, profile),
  );
  const all = new Passport();
  all.use('clearinghouse', strategy);
  return (request, response) => {
    const query = Object.fromEntries(new URL(request.url ?? '/', origin).searchParams);
    Object.assign(request, { session, query });
    const done = (error: unknown, user: unknown, info: unknown) => {
      response.statusCode = user ? 200 : 401;
      response.end(JSON.stringify({ user, info, error: error ? String(error) : undefined }));
    };
    all.authenticate('clearinghouse', { session: false }, done)(request, response, (error) =>
      response.end(String(error)),
    );
  };
}
