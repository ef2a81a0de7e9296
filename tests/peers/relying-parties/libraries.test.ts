import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillForm, findForm } from '../../../scripts/conformance/agent/page-forms.ts';
import { signInAt } from '../../../scripts/conformance/agent/sign-in.ts';
import { UserAgent } from '../../../scripts/conformance/agent/user-agent.ts';
import type { Client } from '../../../scripts/conformance/issuer/make-clients.ts';
import type { Issuer } from '../../../scripts/conformance/issuer/open-issuer.ts';
import { startIssuer } from './fixture-issuer.ts';

const REDIRECT = 'https://rp.example/callback';
const AFTER = 'https://rp.example/bye';

describe('libraries of relying parties, unmodified', () => {
  let issuer: Issuer;
  let web: Client;
  beforeAll(async () => {
    issuer = await startIssuer();
    web = await issuer.makeClient({
      redirect_uris: [REDIRECT],
      post_logout_redirect_uris: [AFTER],
    });
  });
  afterAll(() => issuer?.stop());

  /** Follows an address as the person, to the redirect URI. */
  const visit = async (url: URL, agent = new UserAgent()): Promise<URL> => {
    const { end } = await signInAt(agent, await agent.get(url), issuer.person);
    if (!end.left) throw new Error(`no redirect: ${end.url.pathname} HTTP ${end.status}`);
    return end.left;
  };

  describe('openid-client 6.8.9', () => {
    let config: openid.Configuration;
    beforeAll(async () => {
      config = await discover(web.clientId, openid.ClientSecretBasic(web.clientSecret));
    });

    const discover = (clientId: string, how: openid.ClientAuth) =>
      openid.discovery(new URL(issuer.url), clientId, undefined, how, {
        execute: [openid.allowInsecureRequests],
      });
    const signIn = async (options: {
      scope: string;
      dpop?: openid.DPoPHandle;
      par?: boolean;
      agent?: UserAgent;
    }) => {
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
      const params = {
        redirect_uri: REDIRECT,
        scope: options.scope,
        state: expectedState,
        nonce: expectedNonce,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        ...(options.scope.includes('offline_access') ? { prompt: 'consent' } : {}),
      };
      const dpop = options.dpop ? { DPoP: options.dpop } : {};
      const url = options.par
        ? await openid.buildAuthorizationUrlWithPAR(config, params, dpop)
        : openid.buildAuthorizationUrl(config, params);
      const back = await visit(url, options.agent);
      const checks = { pkceCodeVerifier, expectedState, expectedNonce };
      return openid.authorizationCodeGrant(config, back, checks, undefined, dpop);
    };

    it('code with PKCE, state, nonce and iss; claims of the ID token and of userinfo', async () => {
      const tokens = await signIn({ scope: 'openid email profile' });
      const claims = tokens.claims();
      expect(claims?.sub).toMatch(/^usr_/);
      const info = await openid.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
      expect(info).toMatchObject({ email: issuer.person.email, email_verified: true });
    });

    it('S14: a response whose iss is missing or another’s is not taken', async () => {
      const state = openid.randomState();
      for (const iss of [undefined, 'https://evil.example']) {
        const back = new URL(`${REDIRECT}?code=x&state=${state}`);
        if (iss) back.searchParams.set('iss', iss);
        await expect(
          openid.authorizationCodeGrant(config, back, { expectedState: state }),
        ).rejects.toMatchObject({ cause: { message: expect.stringContaining('"iss"') } });
      }
    });

    it('refresh, introspection, revocation, and the end of the session', async () => {
      const agent = new UserAgent();
      const first = await signIn({ scope: 'openid offline_access', agent });
      const second = await openid.refreshTokenGrant(config, first.refresh_token ?? '');
      expect(second.refresh_token).not.toBe(first.refresh_token);
      const seen = await openid.tokenIntrospection(config, second.access_token);
      expect(seen).toMatchObject({ active: true, client_id: web.clientId });
      await openid.tokenRevocation(config, second.access_token);
      expect(await openid.tokenIntrospection(config, second.access_token)).toEqual({
        active: false,
      });
      const url = openid.buildEndSessionUrl(config, {
        id_token_hint: second.id_token ?? '',
        post_logout_redirect_uri: AFTER,
      });
      const page = await agent.get(url);
      expect([page.status, page.text.includes('Sign out?')]).toEqual([200, true]);
    });

    it('a pushed authorization request, with tokens that are bound by DPoP', async () => {
      const key = await openid.randomDPoPKeyPair();
      const dpop = openid.getDPoPHandle(config, key);
      const tokens = await signIn({ scope: 'openid email', dpop, par: true });
      expect(tokens.token_type).toBe('dpop');
      const sub = tokens.claims()?.sub ?? '';
      const token = tokens.access_token;
      const info = await openid.fetchUserInfo(config, token, sub, { DPoP: dpop });
      expect(info.email).toBe(issuer.person.email);
      await expect(openid.fetchUserInfo(config, token, sub)).rejects.toThrow();
    });

    it('a device: shown code, its page in a browser, polling until the person allows it', async () => {
      const clientId = await issuer.setPublicClient({ redirect_uris: [REDIRECT] });
      const device = await discover(clientId, openid.None());
      const started = await openid.initiateDeviceAuthorization(device, { scope: 'openid email' });
      const agent = new UserAgent();
      const typing = await agent.get(started.verification_uri);
      const form = fillForm(findForm(typing, '/device'), { user_code: started.user_code });
      const confirm = await agent.submit(form);
      const again = fillForm(findForm(confirm, '/device'), {
        user_code: started.user_code,
        confirm: 'yes',
      });
      const { end } = await signInAt(agent, await agent.submit(again), issuer.person);
      expect(end.text).toContain('connected');
      const tokens = await openid.pollDeviceAuthorizationGrant(device, started);
      expect(tokens.claims()?.sub).toMatch(/^usr_/);
    });
  });

  describe('oauth4webapi 3.8.8', () => {
    const insecure = { [oauth.allowInsecureRequests]: true };

    it('code with PKCE, strictly, and an ID token of the expected nonce', async () => {
      const as = await discover();
      const client = { client_id: web.clientId };
      const verifier = oauth.generateRandomCodeVerifier();
      const nonce = oauth.generateRandomNonce();
      const url = new URL(as.authorization_endpoint ?? '');
      url.search = new URLSearchParams({
        client_id: web.clientId,
        redirect_uri: REDIRECT,
        response_type: 'code',
        scope: 'openid email',
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      const params = oauth.validateAuthResponse(as, client, await visit(url), oauth.expectNoState);
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        oauth.ClientSecretPost(web.clientSecret),
        params,
        REDIRECT,
        verifier,
        insecure,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      const sub = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '';
      const asked = await oauth.userInfoRequest(as, client, tokens.access_token, insecure);
      const info = await oauth.processUserInfoResponse(as, client, sub, asked);
      expect(info.email).toBe(issuer.person.email);
    });

    it('RFC 9068: an access token for signing is one, for its audience', async () => {
      const as = await discover();
      const { access_token } = await tokenForSigning();
      const request = new Request('https://signer.example/', {
        headers: { authorization: `Bearer ${access_token}` },
      });
      const claims = await oauth.validateJwtAccessToken(as, request, issuer.url, insecure);
      expect(claims).toMatchObject({ scope: 'sign:job', iss: issuer.url });
      await expect(
        oauth.validateJwtAccessToken(as, request, 'https://other.example', insecure),
      ).rejects.toThrow(/aud/);
    });

    it('jose 6: the same token by the published keys, with typ, aud and required claims', async () => {
      const { access_token } = await tokenForSigning();
      const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
      const { payload } = await jwtVerify(access_token, keys, {
        issuer: issuer.url,
        audience: issuer.url,
        typ: 'at+jwt',
        requiredClaims: ['sub', 'client_id', 'jti', 'exp', 'iat'],
      });
      expect(payload.sub).toMatch(/^usr_/);
    });

    const discover = async () => {
      const url = new URL(issuer.url);
      return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, insecure));
    };
    const tokenForSigning = async () => {
      const config = await openid.discovery(
        new URL(issuer.url),
        web.clientId,
        undefined,
        openid.ClientSecretBasic(web.clientSecret),
        { execute: [openid.allowInsecureRequests] },
      );
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: REDIRECT,
        scope: 'openid sign:job',
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      return openid.authorizationCodeGrant(config, await visit(url), { pkceCodeVerifier });
    };
  });
});
