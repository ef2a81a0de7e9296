import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BILLING_AUDIENCE } from '@clearinghouse/shared';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Claims that a test wants otherwise. */
export type ForwardShape = {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly app?: string;
  readonly subject?: string;
  readonly scopes: readonly string[];
  readonly overrides?: Readonly<Record<string, unknown>>;
};

/** Auth's part of the forward: a key that is published, and tokens signed with it. */
export type TestForwarder = {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly sign: (shape: ForwardShape) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Publishes a key of its own on loopback. */
export async function startForwarder(): Promise<TestForwarder> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' };
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = 'http://127.0.0.1:4000/api/v1/oidc';
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks`,
    issuer,
    sign: (shape) =>
      new SignJWT({ ...claimsOf(shape, issuer), ...shape.overrides })
        .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'JWT' })
        .sign(privateKey),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function claimsOf(shape: ForwardShape, issuer: string) {
  const nowSec = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: BILLING_AUDIENCE,
    ...(shape.app === undefined ? {} : { app: shape.app }),
    subject: shape.subject ?? 'm2m_test',
    scopes: shape.scopes,
    method: shape.method,
    path: shape.path,
    body_sha256: createHash('sha256')
      .update(shape.body ?? '')
      .digest('hex'),
    request_id: randomBytes(8).toString('hex'),
    iat: nowSec,
    exp: nowSec + 30,
  };
}
