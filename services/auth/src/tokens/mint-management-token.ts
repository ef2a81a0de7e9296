import { randomUUID } from 'node:crypto';
import { LIMITS } from '../limits.ts';
import type { MintedToken } from './mint-signer-token.ts';
import { signToken } from './sign-token.ts';
import type { TokenDeps } from './token-deps.ts';

/** Mints a token for the management API: audience `{origin}/api/v1`, the client's own subject. */
export async function mintManagementToken(
  deps: TokenDeps,
  input: { clientId: string; scopes: readonly string[]; ttlSec?: number },
): Promise<MintedToken> {
  const expiresInSec = input.ttlSec ?? LIMITS.managementTokenTtlSec;
  const iat = Math.floor(deps.nowMs() / 1000);
  const accessToken = await signToken(
    deps.keys(),
    {
      iss: deps.issuer,
      aud: deps.managementAudience,
      sub: input.clientId,
      client_id: input.clientId,
      scope: input.scopes.join(' '),
      jti: randomUUID(),
      iat,
      exp: iat + expiresInSec,
    },
    'at+jwt',
  );
  return { accessToken, expiresInSec };
}
