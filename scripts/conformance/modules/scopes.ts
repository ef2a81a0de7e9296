import assert from 'node:assert/strict';
import { signIn, userinfo } from '../agent/relying-party.ts';
import type { Module } from '../module.ts';
import type { Suite } from '../suite.ts';

const CLAIMS = ['sub', 'name', 'email', 'email_verified', 'address', 'phone_number'];

/** Basic OP: which claims come with which scope. */
export const SCOPE_MODULES: readonly Module[] = [
  { name: 'oidcc-scope-profile', run: (suite) => offered(suite, 'profile', ['name']) },
  {
    name: 'oidcc-scope-email',
    run: (suite) => offered(suite, 'email', ['email', 'email_verified']),
  },
  { name: 'oidcc-scope-address', run: (suite) => notOffered(suite, 'address', 'address') },
  { name: 'oidcc-scope-phone', run: (suite) => notOffered(suite, 'phone', 'phone_number') },
  { name: 'oidcc-scope-all', run: (suite) => offered(suite, 'profile email', ['name', 'email']) },
  { name: 'oidcc-claims-essential', run: claimsParameter },
];

/** What userinfo says; the ID token has to say the same. */
async function claimsOf(suite: Suite, scope: string): Promise<Record<string, unknown>> {
  const { accessToken, claims } = await signIn(suite, { scope: `openid ${scope}`.trim() });
  const answer = await userinfo(suite, accessToken);
  assert.equal(answer.status, 200);
  for (const name of CLAIMS) assert.equal(claims[name], answer.body[name], `ID token: ${name}`);
  return answer.body;
}

async function offered(suite: Suite, scope: string, names: readonly string[]): Promise<void> {
  const claims = await claimsOf(suite, scope);
  for (const name of names) assert.ok(claims[name] !== undefined, `${scope}: no ${name}`);
  const plain = await claimsOf(suite, '');
  for (const name of names) assert.equal(plain[name], undefined, `${name} without ${scope}`);
}

/** A scope that is not supported is ignored, not an error (OpenID Connect Core, 3.1.2.1). */
async function notOffered(suite: Suite, scope: string, claim: string): Promise<string> {
  const { scopes_supported: scopes } = suite.metadata;
  assert.ok(Array.isArray(scopes) && !scopes.includes(scope));
  assert.equal((await claimsOf(suite, scope))[claim], undefined);
  return `no ${scope} is kept of anybody; the scope is ignored and not in scopes_supported`;
}

async function claimsParameter(suite: Suite): Promise<string> {
  assert.notEqual(suite.metadata.claims_parameter_supported, true);
  const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
  await signIn(suite, { claims });
  return 'the claims parameter is not offered (claims_parameter_supported) and is ignored';
}
