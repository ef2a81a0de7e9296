import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLog } from '@clearinghouse/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { APP_ID, type IssuerDouble, startIssuerDouble, USER_ID } from '../testing/issuer-double.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { createTokenAuthenticator, type TokenAuthenticator } from './authenticate-token.ts';
import { followKeySet, type KeySet } from './follow-key-set.ts';

const INVALID = { ok: false, code: 'invalid_token' };
const log = createLog({ service: 'test', level: 'silent' });

let issuer: IssuerDouble;
let clock: ManualClock;
let keys: KeySet;
let authenticator: TokenAuthenticator;
const authenticate = async (token: string) => authenticator.authenticate(token);
const nowSec = () => Number(clock.nowNs() / 1_000_000_000n);

beforeAll(async () => {
  issuer = await startIssuerDouble();
});
afterAll(() => issuer.stop());

beforeEach(() => {
  issuer.setAway(false);
  clock = createManualClock();
  keys = followKeySet({ fetch, monotonicMs: clock.monotonicMs, log }, { url: issuer.jwksUrl });
  authenticator = createTokenAuthenticator({ keys, clock, issuer: issuer.issuer });
});

describe('RFC 9068: signer tokens', () => {
  test('of a user', async () => {
    expect(await authenticate(issuer.mint())).toMatchObject({
      ok: true,
      principal: { appId: APP_ID, subject: USER_ID, userId: USER_ID, attribution: 'direct' },
    });
  });

  test('of a machine', async () => {
    const token = issuer.mint({ claims: { usage_subject: 'app', key_id: 'key_1' } });
    const outcome = await authenticate(token);
    expect(outcome).toMatchObject({
      ok: true,
      principal: { appId: APP_ID, subject: 'app', keyId: 'key_1', attribution: 'gateway' },
    });
    expect(outcome).not.toHaveProperty('principal.userId');
  });

  test.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: 'http://127.0.0.1/api/v1' }],
    ['an audience list', { aud: ['http://127.0.0.1/api/v1/oidc'] }],
    ['billing’s audience', { aud: 'urn:clearinghouse:billing' }],
    ['another issuer', { iss: 'http://127.0.0.1:1/api/v1/oidc' }],
    ['another scope', { scope: 'usage:read' }],
    ['one scope more', { scope: 'sign:job usage:read' }],
    ['no scope', { scope: undefined }],
    ['an app of another form', { client_id: 'm2m_0123456789abcdef01234567' }],
    ['no subject', { usage_subject: undefined }],
    ['no end', { exp: undefined }],
    ['an end that is no number', { exp: '99999999999' }],
    ['no jti', { jti: undefined }],
    ['S32, RFC 9449: one bound to a key, as a bearer token', { cnf: { jkt: 'a'.repeat(43) } }],
    ['one bound to a certificate', { cnf: { 'x5t#S256': 'a'.repeat(43) } }],
    ['one bound to nobody knows what', { cnf: null }],
  ])('refused: %s', async (_name, claims) => {
    expect(await authenticate(issuer.mint({ claims }))).toEqual(INVALID);
  });

  test('ends on the second', async () => {
    const end = nowSec() + 100;
    const token = issuer.mint({ claims: { exp: end } });
    clock.advance((end - nowSec() - 1) * 1000);
    expect(await authenticate(token)).toMatchObject({ ok: true });
    clock.advance(1000);
    expect(await authenticate(token)).toEqual(INVALID);
  });

  test('from the future: a little is another clock, more is not', async () => {
    const future = (iat: number) => issuer.mint({ claims: { iat: nowSec() + iat } });
    expect(await authenticate(future(29))).toMatchObject({ ok: true });
    expect(await authenticate(future(31))).toEqual(INVALID);
  });
});

describe('RFC 8725: the token has no say in how it is verified', () => {
  test.each<[string, Record<string, unknown>]>([
    ['alg none', { alg: 'none' }],
    ['another alg', { alg: 'ES384' }],
    ['alg in lower case', { alg: 'es256' }],
    ['an id token’s type', { typ: 'JWT' }],
    ['no type', { typ: undefined }],
    ['no kid', { kid: undefined }],
    ['crit', { crit: ['exp'] }],
    ['an unencoded payload', { b64: false }],
  ])('refused: %s', async (_name, header) => {
    expect(await authenticate(issuer.mint({ header }))).toEqual(INVALID);
  });

  test('an HMAC with the public key as the secret', async () => {
    const [, payload] = issuer.mint().split('.');
    const secret = issuer.publicKey().export({ type: 'spki', format: 'pem' });
    const [head] = issuer.mint({ header: { alg: 'HS256' } }).split('.');
    const mark = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url');
    expect(await authenticate(`${head}.${payload}.${mark}`)).toEqual(INVALID);
  });

  test('an embedded key is not looked at', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const header = { jwk: publicKey.export({ format: 'jwk' }) };
    expect(await authenticate(issuer.mint({ header, key: privateKey }))).toEqual(INVALID);
  });

  test('a key of the set that is not ES256', async () => {
    expect(await authenticate(issuer.mint({ header: { kid: 'rsa' } }))).toEqual(INVALID);
  });

  test.each<[string, (token: string) => string]>([
    ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['a signature too long', (token) => `${token}AA`],
    ['a changed signature', (token) => `${token.slice(0, -10)}AAAAAAAAAA`],
    ['a DER signature', (token) => `${token.slice(0, token.lastIndexOf('.'))}.MEUCIQ`],
    ['a changed payload', (token) => token.replace(/\.[^.]+\./, `.${part({ scope: 'admin' })}.`)],
    ['two parts', (token) => token.split('.').slice(0, 2).join('.')],
    ['four parts', (token) => `${token}.a`],
    ['padding', (token) => token.replace('.', '=.')],
    ['the other base64', (token) => `${token.slice(0, -2)}+/`],
    ['no JSON', () => `${Buffer.from('x').toString('base64url')}.e30.AAAA`],
  ])('refused: %s', async (_name, change) => {
    const good = issuer.mint();
    expect(await authenticate(good)).toMatchObject({ ok: true });
    expect(await authenticate(change(good))).toEqual(INVALID);
  });
});

describe('the memory of verified tokens', () => {
  const counted = (key: KeyObject) => {
    let gets = 0;
    const get = () => {
      gets += 1;
      return key;
    };
    const found = { get, find: async () => key };
    const made = createTokenAuthenticator({ keys: found, clock, issuer: issuer.issuer });
    return { made, gets: () => gets };
  };

  test('lasts five seconds and no longer', () => {
    const { made, gets } = counted(issuer.publicKey());
    const token = issuer.mint();
    made.authenticate(token);
    clock.advance(4_999);
    made.authenticate(token);
    expect(gets()).toBe(1);
    clock.advance(1);
    made.authenticate(token);
    expect(gets()).toBe(2);
  });

  test('never lasts past the token’s end', () => {
    const { made } = counted(issuer.publicKey());
    const token = issuer.mint({ claims: { exp: nowSec() + 3 } });
    expect(made.authenticate(token)).toMatchObject({ ok: true });
    clock.advance(3_000);
    expect(made.authenticate(token)).toEqual(INVALID);
  });

  test('is dropped when identities change', () => {
    const { made, gets } = counted(issuer.publicKey());
    const token = issuer.mint();
    made.authenticate(token);
    made.forget();
    made.authenticate(token);
    expect(gets()).toBe(2);
  });
});

describe('the key set', () => {
  test('a flood of unknown keys asks the issuer once', async () => {
    await authenticate(issuer.mint());
    const before = issuer.reads();
    clock.advance(5_000);
    const made = Array.from({ length: 50 }, (_, index) =>
      issuer.mint({ header: { kid: `made-up-${index}` } }),
    );
    const outcomes = await Promise.all(made.map(authenticate));
    expect(outcomes).toEqual(made.map(() => INVALID));
    for (const token of made) await authenticate(token);
    expect(issuer.reads()).toBe(before + 1);
  });

  test('a new key is found when it is first used', async () => {
    await authenticate(issuer.mint());
    clock.advance(5_000);
    issuer.rotate();
    expect(await authenticate(issuer.mint())).toMatchObject({ ok: true });
  });

  test('an issuer that is away is not the token’s fault', async () => {
    issuer.setAway(true);
    const outcome = { ok: false, code: 'unavailable', detail: 'no key set' };
    expect(await authenticate(issuer.mint())).toEqual(outcome);
    expect(keys.isReady()).toBe(false);
  });

  test('known keys serve on while the issuer is away', async () => {
    const token = issuer.mint();
    await authenticate(token);
    issuer.setAway(true);
    clock.advance(60_000);
    expect(await authenticate(issuer.mint())).toMatchObject({ ok: true });
  });
});

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
