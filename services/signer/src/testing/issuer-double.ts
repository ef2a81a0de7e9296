import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An issuer: a key set behind HTTP, and tokens signed with its keys. */
export type IssuerDouble = {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** How often the key set was asked for. */
  readonly reads: () => number;
  /** Adds a key; tokens are signed with the last one. */
  readonly rotate: () => void;
  /** Answers the key set with an error until told otherwise. */
  readonly setAway: (isAway: boolean) => void;
  readonly publicKey: () => KeyObject;
  /** A signer token of an app user; any claim or header may be changed or removed. */
  readonly mint: (change?: TokenChange) => string;
  readonly stop: () => Promise<void>;
};

export type TokenChange = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs with this key instead. */
  readonly key?: KeyObject;
};

type Pair = { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

export const APP_ID = `app_${'0123456789ab'.repeat(2)}`;
export const USER_ID = 'usr_aaaaaaaaaaaaaaaaaaaaaaaa';

/** Starts an issuer on a free port. */
export async function startIssuerDouble(): Promise<IssuerDouble> {
  const pairs: Pair[] = [newPair()];
  let reads = 0;
  let isAway = false;
  const server = createServer((_request, response) => {
    reads += 1;
    if (isAway) return response.writeHead(503).end();
    const keys = pairs.map(({ kid, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
      alg: 'ES256',
    }));
    return response.writeHead(200).end(JSON.stringify({ keys: [...keys, rsaKey()] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}/api/v1/oidc`;
  const last = () => pairs.at(-1) as Pair;
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    reads: () => reads,
    rotate: () => void pairs.push(newPair()),
    setAway: (away) => {
      isAway = away;
    },
    publicKey: () => last().publicKey,
    mint: (change = {}) => mint(issuer, last(), change),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function newPair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid: randomBytes(4).toString('hex'), privateKey, publicKey };
}

/** Every key set has one for id tokens, too. */
function rsaKey(): Record<string, unknown> {
  return { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'rsa', use: 'sig', alg: 'RS256' };
}

function mint(issuer: string, pair: Pair, change: TokenChange): string {
  const nowSec = Math.floor(Date.now() / 1000);
  const header = { alg: 'ES256', typ: 'at+jwt', kid: pair.kid, ...change.header };
  const claims = {
    iss: issuer,
    aud: issuer,
    sub: USER_ID,
    scope: 'sign:job',
    client_id: APP_ID,
    azp: 'm2m_0123456789abcdef01234567',
    usage_subject: USER_ID,
    jti: randomBytes(8).toString('hex'),
    iat: nowSec,
    exp: nowSec + 300,
    ...change.claims,
  };
  const text = [header, claims].map((part) => toBase64Url(JSON.stringify(part))).join('.');
  const key =
    change.key ??
    createPrivateKey({ key: pair.privateKey.export({ format: 'jwk' }), format: 'jwk' });
  const mark = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${mark.toString('base64url')}`;
}

function toBase64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
