import { createHash, randomBytes } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Grant, InteractionResults } from 'oidc-provider';
import { call, TOKEN_PATH } from './call-auth.ts';
import type { TestAuth, TestReplica } from './start-test-auth.ts';

/** A browser's cookies, as far as a test needs them: by name, whatever their path. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  keep(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }
}

export type SignInOptions = {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly accountId: string;
  readonly scope?: string;
  readonly jar?: CookieJar;
  /** Parameters besides, or instead; undefined leaves one out. */
  readonly params?: Record<string, string | undefined>;
  readonly replica?: TestReplica;
};

/** Where a sign-in came to. */
export type SignedIn = {
  /** The redirect to the client, with its parameters. */
  readonly location: URL;
  readonly code: string;
  readonly verifier: string;
  readonly jar: CookieJar;
  /** The names of the prompts that the person was shown. */
  readonly prompts: readonly string[];
};

const STEPS_MAX = 8;

/** Makes a person; the columns that sign-in itself fills stay empty. */
export async function makeAccount(
  auth: TestAuth,
  person: { email?: string; verified?: boolean; displayName?: string } = {},
): Promise<string> {
  const id = `acc_${randomBytes(12).toString('hex')}`;
  const { email = null, verified = false, displayName = null } = person;
  await auth.deps.db`
    insert into auth.accounts (id, email, email_verified_at, display_name)
    values (${id}, ${email}, ${verified ? new Date() : null}, ${displayName})`;
  return id;
}

/**
 * Signs a person in at an authorization request, as pages would: every login is answered with the
 * account, every consent with everything that is missing.
 */
export async function signIn(auth: TestAuth, options: SignInOptions): Promise<SignedIn> {
  const verifier = randomBytes(32).toString('base64url');
  const { clientId, redirectUri, scope = 'openid', jar = new CookieJar() } = options;
  const params = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...options.params,
  };
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given as [string, string][]);
  const start = `${auth.config.issuer}/auth?${query}`;
  const { location, prompts } = await follow(auth, start, { ...options, jar });
  return { location, code: location.searchParams.get('code') ?? '', verifier, jar, prompts };
}

/** Follows redirects and answers prompts until something else than the issuer is next. */
export async function follow(
  auth: TestAuth,
  start: string,
  options: { accountId: string; jar: CookieJar; replica?: TestReplica },
): Promise<{ location: URL; prompts: string[]; text: string }> {
  const { jar, accountId, replica = auth } = options;
  const prompts: string[] = [];
  let next = new URL(start);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (next.origin !== auth.url) return { location: next, prompts, text: '' };
    if (next.pathname.startsWith('/interaction/')) {
      const path = next.pathname;
      const answered = await answerPrompt(replica, { cookie: jar.header, path, accountId });
      prompts.push(answered.prompt);
      next = new URL(answered.returnTo);
    }
    const url = `${replica.url}${next.pathname}${next.search}`;
    const answer = await call(url, { headers: { cookie: jar.header } });
    jar.keep(answer.headers);
    const to = answer.headers.get('location');
    if (to === null) return { location: next, prompts, text: answer.text };
    next = new URL(to, auth.url);
  }
  throw new Error('the sign-in does not end');
}

async function answerPrompt(
  replica: TestReplica,
  input: { cookie: string; path: string; accountId: string },
): Promise<{ prompt: string; returnTo: string }> {
  const provider = replica.deps.issuerParts.provider();
  const request = Object.assign(new IncomingMessage(new Socket()), {
    url: input.path,
    headers: { cookie: input.cookie, host: new URL(replica.url).host },
  });
  const response = new ServerResponse(request);
  const details = await provider.interactionDetails(request, response);
  const { name } = details.prompt;
  let result: InteractionResults = { login: { accountId: input.accountId } };
  if (name === 'consent') {
    const accountId = details.session?.accountId ?? input.accountId;
    const clientId = String(details.params.client_id);
    const known =
      details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
    const grant = known ?? new provider.Grant({ accountId, clientId });
    grantMissing(grant, details.prompt.details);
    result = { consent: { grantId: await grant.save() } };
  }
  const returnTo = await provider.interactionResult(request, response, result, {
    mergeWithLastSubmission: name === 'consent',
  });
  return { prompt: name, returnTo };
}

function grantMissing(grant: Grant, details: Record<string, unknown>): void {
  const scopes = (details.missingOIDCScope ?? []) as string[];
  if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '));
  const resources = (details.missingResourceScopes ?? {}) as Record<string, string[]>;
  for (const [resource, missing] of Object.entries(resources)) {
    grant.addResourceScope(resource, missing.join(' '));
  }
}

/** Redeems a code as a public client, or as a confidential one. */
export function redeem(
  auth: TestAuth,
  signedIn: Pick<SignedIn, 'code' | 'verifier'>,
  options: {
    clientId: string;
    redirectUri: string;
    clientSecret?: string;
    replica?: TestReplica;
    headers?: Record<string, string>;
  },
) {
  const { clientId, redirectUri, clientSecret, replica = auth, headers = {} } = options;
  return call(`${replica.url}${TOKEN_PATH}`, {
    ...(clientSecret === undefined ? {} : { as: { clientId, clientSecret } }),
    headers,
    form: {
      grant_type: 'authorization_code',
      code: signedIn.code,
      redirect_uri: redirectUri,
      code_verifier: signedIn.verifier,
      ...(clientSecret === undefined ? { client_id: clientId } : {}),
    },
  });
}

/** Refreshes as a public client, or as a confidential one. */
export function refresh(
  auth: TestAuth,
  refreshToken: string,
  options: {
    clientId: string;
    clientSecret?: string;
    replica?: TestReplica;
    headers?: Record<string, string>;
    form?: Record<string, string>;
  },
) {
  const { clientId, clientSecret, replica = auth, headers = {}, form = {} } = options;
  return call(`${replica.url}${TOKEN_PATH}`, {
    ...(clientSecret === undefined ? {} : { as: { clientId, clientSecret } }),
    headers,
    form: {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...form,
      ...(clientSecret === undefined ? { client_id: clientId } : {}),
    },
  });
}
