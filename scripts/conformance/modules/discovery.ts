import assert from 'node:assert/strict';
import type { Module } from '../module.ts';
import type { Suite } from '../suite.ts';

const REQUIRED = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'scopes_supported',
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
  'claims_supported',
] as const;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Config OP. */
export const CONFIG_MODULES: readonly Module[] = [
  { name: 'oidcc-discovery-endpoint-verification', run: discovery },
];

async function discovery(suite: Suite): Promise<void> {
  const { metadata, issuer } = suite;
  assert.equal(metadata.issuer, issuer.url);
  for (const name of REQUIRED) assert.ok(metadata[name], `no ${name}`);
  for (const [name, value] of Object.entries(metadata)) {
    if (/_(endpoint|uri)$|^issuer$/.test(name)) assertSecure(name, String(value));
  }
  for (const [name, value] of [
    ['response_types_supported', 'code'],
    ['scopes_supported', 'openid'],
    ['id_token_signing_alg_values_supported', 'RS256'],
  ] as const) {
    const listed = metadata[name];
    assert.ok(Array.isArray(listed) && listed.includes(value), `${name}: ${value}`);
  }
  const { keys } = (await (await fetch(metadata.jwks_uri)).json()) as {
    keys: Record<string, unknown>[];
  };
  assert.ok(keys.length > 0);
  assert.equal(new Set(keys.map(({ kid }) => kid)).size, keys.length, 'two keys of one kid');
  for (const key of keys) {
    assert.ok(key.kid && key.use === 'sig' && key.kty !== 'oct');
    for (const member of PRIVATE_MEMBERS) assert.equal(key[member], undefined, member);
  }
}

/** https, except where the whole issuer runs on this machine. */
function assertSecure(name: string, value: string): void {
  const { protocol, hostname } = new URL(value);
  assert.ok(protocol === 'https:' || LOOPBACK.has(hostname), `${name}: ${value}`);
}
