import type { Sql } from '@clearinghouse/shared';
import type { FindClient } from '../clients/client-cache.ts';
import type { TokenDeps } from './token-deps.ts';
import { type AccessTokenClaims, verifyAccessToken } from './verify-access-token.ts';
import { isStopped } from './verify-token.ts';

export type IntrospectDeps = TokenDeps & {
  readonly db: Sql;
  readonly findClient: FindClient;
  readonly findAccountById: (id: string) => Promise<{ readonly status: string } | undefined>;
};

/** What may be said of a token (RFC 7662, section 2.2); nothing at all when it is not active. */
export type Introspection =
  | { readonly active: false }
  | (Partial<AccessTokenClaims> & { readonly active: true; readonly token_type: string });

const INACTIVE = { active: false } as const;

/**
 * Introspects an access token of ours that is a JWT. Only confidential clients of the app that it
 * was issued for are told anything: to all others, and of a token that is expired, revoked, or
 * whose user, key or client is stopped, it is not active.
 */
export async function introspectToken(
  deps: IntrospectDeps,
  input: { token: string; appId: string | undefined; isConfidential: boolean },
): Promise<Introspection> {
  if (!input.isConfidential) return INACTIVE;
  const verified = await verifyAccessToken(deps, input.token);
  if (!verified.ok) return INACTIVE;
  const claims = verified.value;
  const app = await appOfToken(deps, claims);
  if (app === undefined || app !== input.appId) return INACTIVE;
  // A management token names its client alone; its app may be suspended all the same.
  const named = { ...claims, azp: claims.azp ?? claims.client_id, client_id: app };
  if ((await isStopped(deps, named)) !== undefined) return INACTIVE;
  if (claims.sub.startsWith('acc_')) {
    const account = await deps.findAccountById(claims.sub);
    if (account?.status !== 'active') return INACTIVE;
  }
  const token_type = claims.cnf === undefined ? 'Bearer' : 'DPoP';
  return { active: true, token_type, ...claims };
}

/** The app that a token was issued for: its own, or its machine client's; none for operators. */
export async function appOfToken(
  deps: { readonly findClient: FindClient },
  claims: AccessTokenClaims,
): Promise<string | undefined> {
  const client = await deps.findClient(claims.azp ?? claims.client_id);
  return client?.appId ?? undefined;
}
