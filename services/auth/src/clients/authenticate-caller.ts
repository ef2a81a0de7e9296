import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { findAccountById } from '../accounts/account-store.ts';
import { looksLikeApiKey, parseApiKey } from '../api-keys/parse-api-key.ts';
import { type VerifyApiKeysDeps, verifyApiKeys } from '../api-keys/verify-api-keys.ts';
import { describeBadKey } from '../exchange/resolve-subject.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import {
  isStopped,
  managementClaimsSchema,
  usageClaimsSchema,
  verifyToken,
} from '../tokens/verify-token.ts';
import { authenticateClient } from './authenticate-client.ts';
import { ADMIN_SCOPE, isUsable } from './client.ts';
import { findClient } from './client-store.ts';

/** See `oidc/resource-servers.ts`, which alone gives it out. */
const MANAGE_SCOPE = 'manage';

export type AuthenticateDeps = TokenDeps & VerifyApiKeysDeps & { readonly db: Sql };

/** Who calls one of our own routes. */
export type RouteCaller = {
  /** Client id, or the user's id on the user's own routes. */
  readonly id: string;
  readonly appId: string | undefined;
  readonly scopes: readonly string[];
  /** A person with a token of scope `manage`: what it may do depends on the team. */
  readonly isPerson?: boolean;
};

/** `api_key` means: an API key was presented and is not good; the body is that surface's. */
export type CallerRefusal = 'invalid_client' | 'invalid_token' | 'suspended' | 'insufficient_scope';
export type CallerOutcome =
  | Outcome<RouteCaller, CallerRefusal>
  | { readonly ok: false; readonly code: 'api_key'; readonly detail?: string };

const BEARER = /^bearer +(\S+)$/i;

/**
 * Authenticates a client by Basic or by a management token. Both are checked against the
 * database each time, so that a suspended app or client is out at once.
 */
export async function authenticateClientCaller(
  deps: AuthenticateDeps,
  request: { header: string; fromBrowser: boolean },
): Promise<CallerOutcome> {
  const { header } = request;
  if (/^basic /i.test(header)) return byBasic(deps, header);
  const [, token] = BEARER.exec(header) ?? [];
  if (token === undefined) return refused('invalid_token', 'missing');
  if (looksLikeApiKey(token)) return byApiKey(deps, token, request.fromBrowser);
  const verified = await verifyToken(deps, token, {
    audience: deps.managementAudience,
    schema: managementClaimsSchema,
  });
  if (!verified.ok) return verified;
  const claims = verified.value;
  const client = await findClient(deps.db, claims.client_id);
  const { jti, client_id: azp, grant_id } = claims;
  const stopped = await isStopped(deps, { jti, azp, grant_id });
  if (!client || stopped === 'revoked') return refused('invalid_token', 'revoked');
  if (!isUsable(client)) return refused('suspended');
  if (claims.scope.split(' ').includes(MANAGE_SCOPE)) return byPerson(deps, claims.sub);
  const scopes = claims.scope.split(' ').filter((scope) => client.scopes.includes(scope));
  return ok({ id: client.id, appId: client.appId ?? undefined, scopes });
}

/** A person, as the account stands now; an operator has the operator's powers. */
async function byPerson(deps: AuthenticateDeps, accountId: string): Promise<CallerOutcome> {
  const account = await findAccountById(deps.db, accountId);
  if (account?.status !== 'active') return refused('invalid_token', 'account not active');
  const scopes = account.isOperator ? [ADMIN_SCOPE] : [];
  return ok({ id: account.id, appId: undefined, scopes, isPerson: true });
}

/** Authenticates a user by the user's own token (audience: the issuer). */
export async function authenticateUserCaller(
  deps: AuthenticateDeps,
  request: { header: string; fromBrowser: boolean },
): Promise<CallerOutcome> {
  const [, token] = BEARER.exec(request.header) ?? [];
  if (token === undefined) return refused('invalid_token', 'missing');
  if (looksLikeApiKey(token)) return byApiKey(deps, token, request.fromBrowser);
  const verified = await verifyToken(deps, token, {
    audience: deps.issuer,
    schema: usageClaimsSchema,
  });
  if (!verified.ok) return verified;
  const claims = verified.value;
  if (claims.external_user_id === undefined) return refused('insufficient_scope', 'not a user');
  const stopped = await isStopped(deps, claims);
  if (stopped === 'revoked') return refused('invalid_token', 'revoked');
  if (stopped === 'suspended') return refused('suspended');
  return ok({ id: claims.usage_subject, appId: claims.client_id, scopes: ['user'] });
}

async function byBasic(deps: AuthenticateDeps, header: string): Promise<CallerOutcome> {
  const client = await authenticateClient(deps, header);
  if (!client.ok) return client;
  const { id, appId, scopes } = client.value;
  return ok({ id, appId: appId ?? undefined, scopes });
}

/** No key is good for these routes; a bad one gets the body that key holders know. */
async function byApiKey(
  deps: AuthenticateDeps,
  token: string,
  fromBrowser: boolean,
): Promise<CallerOutcome> {
  const presented = parseApiKey(token);
  if (!presented) {
    deps.recordRefusal({ reason: describeBadKey(token), surface: 'management' });
    return { ok: false, code: 'api_key' };
  }
  const [key] = await verifyApiKeys(deps, [{ ...presented, fromBrowser }], 'management');
  return key?.ok ? refused('insufficient_scope', 'API key') : { ok: false, code: 'api_key' };
}
