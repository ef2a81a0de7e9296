import { createHmac, timingSafeEqual } from 'node:crypto';
import { toMinimalBytes } from '../amounts/big-bytes.ts';
import type { AuthToken } from '../wire/messages.ts';
import { FINE, refuse, type Verdict } from './refusals.ts';

/** The token that binds a session id to an expiry under the orchestrator's secret. */
export function makeAuthToken(input: {
  readonly secret: Uint8Array;
  readonly sessionId: string;
  readonly expirationSec: bigint;
}): AuthToken {
  return {
    token: tokenOf(input),
    sessionId: input.sessionId,
    expirationSec: input.expirationSec,
  };
}

/** Refuses a token that is missing, forged, or past its expiry. */
export function checkAuthToken(input: {
  readonly secret: Uint8Array;
  readonly token: AuthToken | undefined;
  readonly nowSec: number;
}): Verdict {
  const { token } = input;
  if (token === undefined) return refuse('auth_token_missing');
  const expected = tokenOf({ secret: input.secret, ...token });
  const isOurs = expected.length === token.token.length && timingSafeEqual(expected, token.token);
  if (!isOurs) return refuse('auth_token_forged');
  return token.expirationSec < BigInt(input.nowSec) ? refuse('auth_token_expired') : FINE;
}

function tokenOf(input: {
  readonly secret: Uint8Array;
  readonly sessionId: string;
  readonly expirationSec: bigint;
}): Uint8Array {
  return createHmac('sha256', input.secret)
    .update(input.sessionId, 'utf8')
    .update(toMinimalBytes(BigInt.asUintN(64, input.expirationSec)))
    .digest();
}
