import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
} from 'openid-client';
import { z } from 'zod';
import { readGithubPerson } from './read-github-person.ts';
import type { Upstream, UpstreamChecks, UpstreamPerson, UpstreamSettings } from './upstream.ts';

const TIMEOUT_SEC = 8;
/** What discovery said is asked again after this time, so that keys and endpoints may move. */
const DISCOVERED_FOR_MS = 3_600_000;
const SUBJECT_CHARS_MAX = 512;
/**
 * How somebody is asked to show anew who they are. Google and GitHub know no `login` and would
 * refuse it; their choice of account is the nearest that they have.
 */
const FRESH_PROMPT: Readonly<Record<UpstreamSettings['kind'], string>> = {
  oidc: 'login',
  google: 'select_account',
  github: 'select_account',
};

const claimsSchema = z.object({
  sub: z.string().min(1).max(SUBJECT_CHARS_MAX),
  email: z.string().max(320).optional().catch(undefined),
  email_verified: z.boolean().optional().catch(undefined),
  name: z.string().max(200).optional().catch(undefined),
  preferred_username: z.string().max(200).optional().catch(undefined),
});

/** Opens one of the others; it is asked what it is at the first sign-in, not at the start. */
export function openUpstream(settings: UpstreamSettings, deps: { nowMs: () => number }): Upstream {
  const configuration = keepConfiguration(settings, deps);
  const isGithub = settings.kind === 'github';
  return {
    settings,
    authorizationUrl: async (redirectUri, checks, { isFresh }) =>
      buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: settings.scope,
        state: checks.state,
        code_challenge: await calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
        ...(isGithub ? {} : { nonce: checks.nonce }),
        ...(isFresh ? { prompt: FRESH_PROMPT[settings.kind] } : {}),
      }),
    person: async (callbackUrl, checks) => {
      const config = await configuration();
      return isGithub
        ? githubPerson(settings, config, callbackUrl, checks)
        : oidcPerson(config, callbackUrl, checks);
    },
  };
}

function keepConfiguration(settings: UpstreamSettings, deps: { nowMs: () => number }) {
  let kept: { untilMs: number; value: Promise<Configuration> } | undefined;
  return async (): Promise<Configuration> => {
    if (kept && kept.untilMs > deps.nowMs()) return kept.value;
    const value = configure(settings);
    kept = { untilMs: deps.nowMs() + DISCOVERED_FOR_MS, value };
    value.catch(() => {
      kept = undefined;
    });
    return value;
  };
}

async function configure(settings: UpstreamSettings): Promise<Configuration> {
  const { clientId, clientSecret, issuer } = settings;
  const auth = clientSecret === undefined ? None() : ClientSecretPost(clientSecret);
  // Only this machine is reached without TLS: another issuer in a test or a development stack.
  const execute = new URL(issuer).protocol === 'http:' ? [allowInsecureRequests] : [];
  if (settings.kind === 'github') {
    const endpoints = {
      issuer,
      authorization_endpoint: `${issuer}/login/oauth/authorize`,
      token_endpoint: `${issuer}/login/oauth/access_token`,
    };
    const config = new Configuration(endpoints, clientId, clientSecret, auth);
    config.timeout = TIMEOUT_SEC;
    for (const change of execute) change(config);
    return config;
  }
  const config = await discovery(new URL(issuer), clientId, clientSecret, auth, {
    timeout: TIMEOUT_SEC,
    execute,
  });
  // The ID token is what says who it is: its signature is checked, TLS or not.
  enableNonRepudiationChecks(config);
  return config;
}

/** OpenID Connect: the ID token says who, userinfo may say more. */
async function oidcPerson(
  config: Configuration,
  callbackUrl: URL,
  checks: UpstreamChecks,
): Promise<UpstreamPerson> {
  const tokens = await authorizationCodeGrant(config, callbackUrl, {
    pkceCodeVerifier: checks.verifier,
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    idTokenExpected: true,
  });
  const inToken = claimsSchema.parse(tokens.claims());
  const hasMore = inToken.email === undefined && config.serverMetadata().userinfo_endpoint;
  const more = hasMore
    ? claimsSchema.parse(await fetchUserInfo(config, tokens.access_token, inToken.sub))
    : inToken;
  const claims = { ...more, ...inToken };
  return {
    subject: claims.sub,
    email: more.email ?? null,
    isEmailVerified: more.email_verified === true,
    name: claims.name ?? more.name ?? null,
    handle: claims.preferred_username ?? null,
  };
}

/** GitHub speaks OAuth 2.0 without an ID token: its API says who the token is for. */
async function githubPerson(
  settings: UpstreamSettings,
  config: Configuration,
  callbackUrl: URL,
  checks: UpstreamChecks,
): Promise<UpstreamPerson> {
  const tokens = await authorizationCodeGrant(config, callbackUrl, {
    pkceCodeVerifier: checks.verifier,
    expectedState: checks.state,
  });
  return readGithubPerson(settings.apiUrl, tokens.access_token);
}
