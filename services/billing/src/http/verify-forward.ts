import { createHash } from 'node:crypto';
import {
  BILLING_AUDIENCE,
  FORWARD_TOKEN_TTL_SEC,
  type ForwardTokenClaims,
  forwardTokenSchema,
  ServiceError,
} from '@clearinghouse/shared';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** The request as it was received: what the token must speak of. */
export type ReceivedRequest = {
  readonly authorization: string;
  readonly method: string;
  /** Path with query, as on the request line. */
  readonly path: string;
  readonly body: Uint8Array;
};

export type VerifyForwardDeps = { readonly jwks: JWTVerifyGetKey; readonly issuer: string };

const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/;
const CLOCK_TOLERANCE_SEC = 5;

/**
 * Verifies the token under which auth forwarded a request: signature (ES256), issuer, audience,
 * age, and that method, path with query and body are those that it was made for.
 *
 * @throws ServiceError `invalid_token`; `unavailable` when auth's keys cannot be had.
 */
export async function verifyForward(
  deps: VerifyForwardDeps,
  request: ReceivedRequest,
): Promise<ForwardTokenClaims> {
  const token = BEARER.exec(request.authorization)?.[1];
  if (!token) throw new ServiceError('invalid_token', { detail: 'no bearer' });
  const claims = forwardTokenSchema.safeParse(await verifySignature(deps, token));
  if (!claims.success) throw new ServiceError('invalid_token', { detail: 'claims' });
  const { method, path, body_sha256: bodyHash } = claims.data;
  if (method !== request.method || path !== request.path) {
    throw new ServiceError('invalid_token', { detail: 'another request' });
  }
  if (bodyHash !== createHash('sha256').update(request.body).digest('hex')) {
    throw new ServiceError('invalid_token', { detail: 'another body' });
  }
  return claims.data;
}

async function verifySignature(deps: VerifyForwardDeps, token: string): Promise<unknown> {
  try {
    const verified = await jwtVerify(token, deps.jwks, {
      algorithms: ['ES256'],
      issuer: deps.issuer,
      audience: BILLING_AUDIENCE,
      maxTokenAge: FORWARD_TOKEN_TTL_SEC,
      clockTolerance: CLOCK_TOLERANCE_SEC,
      requiredClaims: ['exp', 'iat'],
    });
    return verified.payload;
  } catch (error) {
    const isKeysFault = !(error instanceof errors.JOSEError) || error.code === 'ERR_JWKS_TIMEOUT';
    if (isKeysFault) throw new ServiceError('unavailable', { detail: 'jwks', cause: error });
    throw new ServiceError('invalid_token', { detail: error.code });
  }
}
