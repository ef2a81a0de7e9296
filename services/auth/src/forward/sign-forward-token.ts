import { createHash } from 'node:crypto';
import {
  BILLING_AUDIENCE,
  FORWARD_TOKEN_TTL_SEC,
  type ForwardTokenClaims,
} from '@clearinghouse/shared';
import { signToken } from '../tokens/sign-token.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';

/** Who asks billing, and for exactly which request. */
export type ForwardTokenInput = {
  readonly app: string | undefined;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly method: string;
  /** Path with its query, as billing will receive it. */
  readonly path: string;
  readonly body: Uint8Array;
  readonly requestId: string;
};

/** Signs the 30 s token under which one request is forwarded to billing. */
export async function signForwardToken(deps: TokenDeps, input: ForwardTokenInput): Promise<string> {
  const iat = Math.floor(deps.nowMs() / 1000);
  const claims: ForwardTokenClaims = {
    iss: deps.issuer,
    aud: BILLING_AUDIENCE,
    subject: input.subject,
    scopes: [...input.scopes],
    method: input.method,
    path: input.path,
    body_sha256: createHash('sha256').update(input.body).digest('hex'),
    request_id: input.requestId,
    iat,
    exp: iat + FORWARD_TOKEN_TTL_SEC,
    ...(input.app === undefined ? {} : { app: input.app }),
  };
  return signToken(deps.keys(), claims, 'JWT');
}
