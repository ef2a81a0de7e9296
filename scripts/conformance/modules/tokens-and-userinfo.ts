import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import {
  askForTokens,
  authorize,
  codeIn,
  redeem,
  signIn,
  tokensIn,
  userinfo,
} from '../agent/relying-party.ts';
import type { Module } from '../module.ts';
import type { Suite } from '../suite.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Basic OP: codes, tokens, ID tokens and userinfo. */
export const TOKEN_MODULES: readonly Module[] = [
  { name: 'oidcc-server', run: wholeFlow },
  {
    name: 'oidcc-idtoken-signature',
    run: async (suite) => {
      const { idToken } = await signIn(suite);
      const { alg, kid } = decodeProtectedHeader(idToken);
      assert.equal(alg, 'RS256');
      assert.ok(kid);
    },
  },
  { name: 'oidcc-idtoken-unsigned', run: unsignedIdToken },
  {
    name: 'oidcc-userinfo-get',
    run: (suite) => sameSubject(suite, (token) => ({ headers: bearer(token) })),
  },
  {
    name: 'oidcc-userinfo-post-header',
    run: (suite) =>
      sameSubject(suite, (token) => ({
        method: 'POST',
        headers: { ...bearer(token), 'content-type': FORM },
      })),
  },
  {
    name: 'oidcc-userinfo-post-body',
    run: (suite) =>
      sameSubject(suite, (token) => ({
        method: 'POST',
        body: new URLSearchParams({ access_token: token }),
      })),
  },
  {
    name: 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow',
    run: async (suite) => {
      const { claims } = await signIn(suite, { nonce: undefined });
      assert.equal(claims.nonce, undefined);
    },
  },
  { name: 'oidcc-codereuse', run: (suite) => reuse(suite, 0) },
  { name: 'oidcc-codereuse-30seconds', run: (suite) => reuse(suite, suite.reuseAfterMs) },
  {
    name: 'oidcc-server-client-secret-post',
    run: async (suite) => {
      const { response } = await authorize(suite);
      const code = codeIn(suite, response);
      await tokensIn(suite, await redeem(suite, code, {}, 'client_secret_post'));
    },
  },
  { name: 'oidcc-refresh-token', run: refreshToken },
  { name: 'oidcc-ensure-request-with-valid-pkce-succeeds', run: withPkce },
];

async function wholeFlow(suite: Suite): Promise<void> {
  const { claims, accessToken } = await signIn(suite);
  assert.equal(claims.nonce, 'nonce-of-the-suite');
  assert.ok((claims.exp ?? 0) > (claims.iat ?? Number.POSITIVE_INFINITY));
  assert.ok(claims.sub.length <= 255 && /^[\x20-\x7e]+$/.test(claims.sub));
  // Optional here, and right if it is there: the left half of the token's SHA-256.
  if (claims.at_hash !== undefined) {
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16);
    assert.equal(claims.at_hash, half.toString('base64url'));
  }
}

async function unsignedIdToken(suite: Suite): Promise<string> {
  const { id_token_signing_alg_values_supported: algs } = suite.metadata;
  assert.ok(Array.isArray(algs) && !algs.includes('none'));
  const metadata = { redirect_uris: [], id_token_signed_response_alg: 'none' };
  await assert.rejects(suite.issuer.makeClient(metadata), /HTTP 400/);
  return 'no client can register `none`, and none is ever issued';
}

async function sameSubject(suite: Suite, request: (token: string) => RequestInit): Promise<void> {
  const { claims, accessToken } = await signIn(suite);
  const answer = await userinfo(suite, accessToken, request(accessToken));
  assert.equal(answer.status, 200);
  assert.equal(answer.body.sub, claims.sub);
}

async function reuse(suite: Suite, afterMs: number): Promise<void> {
  const { response } = await authorize(suite);
  const code = codeIn(suite, response);
  const { accessToken } = await tokensIn(suite, await redeem(suite, code));
  assert.equal((await userinfo(suite, accessToken)).status, 200);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const again = await redeem(suite, code);
  assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
  assert.equal((await userinfo(suite, accessToken)).status, 401);
}

async function refreshToken(suite: Suite): Promise<void> {
  const first = await signIn(suite, { scope: 'openid offline_access', prompt: 'consent' });
  assert.ok(first.refreshToken, 'no refresh token');
  const form = { grant_type: 'refresh_token', refresh_token: first.refreshToken };
  const second = await tokensIn(suite, await askForTokens(suite, form));
  assert.equal(second.claims.sub, first.claims.sub);
  assert.equal(second.claims.auth_time, first.claims.auth_time);
  assert.notEqual(second.accessToken, first.accessToken);
  assert.equal((await userinfo(suite, second.accessToken)).status, 200);
}

async function withPkce(suite: Suite): Promise<void> {
  const verifier = 'v'.repeat(64);
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  const pkce = { code_challenge, code_challenge_method: 'S256' };
  const { response } = await authorize(suite, pkce);
  const code = codeIn(suite, response);
  await tokensIn(suite, await redeem(suite, code, { code_verifier: verifier }));
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}
