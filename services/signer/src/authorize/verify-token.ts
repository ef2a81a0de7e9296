import { type KeyObject, verify } from 'node:crypto';
import {
  type Principal,
  principalOfToken,
  type SignerTokenClaims,
  signerTokenSchema,
} from '@clearinghouse/shared';
import { z } from 'zod';
import { RUNTIME_LIMITS } from '../limits.ts';

/** A token of the right form, not yet verified. */
export type ParsedToken = {
  readonly kid: string;
  readonly signedText: string;
  readonly signature: Buffer;
  readonly payload: string;
};

/** What a verified token says. */
export type VerifiedToken = { readonly principal: Principal; readonly expiresAtSec: number };

const PART = /^[A-Za-z0-9_-]+$/;
const SIGNATURE_BYTES = 64;

/** One algorithm, one type, no extensions: nothing here is the token's own choice. */
const headerSchema = z.object({
  alg: z.literal('ES256'),
  typ: z.literal('at+jwt'),
  kid: z.string().min(1).max(128),
  crit: z.undefined().optional(),
  b64: z.undefined().optional(),
});

/** Reads a compact JWS (RFC 7515) whose header is that of a signer token. */
export function parseToken(text: string): ParsedToken | undefined {
  const parts = text.split('.');
  const [head, payload, mark] = parts;
  if (parts.length !== 3 || !head || !payload || !mark) return undefined;
  if (!PART.test(head) || !PART.test(payload) || !PART.test(mark)) return undefined;
  const header = headerSchema.safeParse(parseJson(head));
  const signature = Buffer.from(mark, 'base64url');
  if (!header.success || signature.length !== SIGNATURE_BYTES) return undefined;
  return { kid: header.data.kid, signedText: `${head}.${payload}`, signature, payload };
}

/**
 * Verifies signature, then claims: issuer, audience (the issuer itself), scope and shape of a
 * signer token, and its time.
 *
 * @param input.nowSec wall clock, seconds.
 */
export function verifyToken(
  token: ParsedToken,
  input: { readonly key: KeyObject; readonly issuer: string; readonly nowSec: number },
): VerifiedToken | undefined {
  const { key, issuer, nowSec } = input;
  const isSigned = verify(
    'sha256',
    Buffer.from(token.signedText, 'latin1'),
    { key, dsaEncoding: 'ieee-p1363' },
    token.signature,
  );
  if (!isSigned) return undefined;
  const payload = parseJson(token.payload);
  if (isBound(payload)) return undefined;
  const claims = signerTokenSchema.safeParse(payload);
  if (!claims.success || !isMeantForUs(claims.data, issuer, nowSec)) return undefined;
  return { principal: principalOfToken(claims.data), expiresAtSec: claims.data.exp };
}

/**
 * A token with `cnf` is good only together with a proof of its key (RFC 9449, section 7.2). A
 * gateway sends none and we read none, so as a bearer token it is somebody else's.
 */
function isBound(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'cnf' in payload;
}

function isMeantForUs(claims: SignerTokenClaims, issuer: string, nowSec: number): boolean {
  if (claims.iss !== issuer || claims.aud !== issuer) return false;
  if (claims.exp <= nowSec) return false;
  return claims.iat <= nowSec + RUNTIME_LIMITS.clockSkewMaxSec;
}

function parseJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
