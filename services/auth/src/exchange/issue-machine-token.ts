import { SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import { MANAGEMENT_SCOPES, MINT_USER_SCOPE } from '../clients/client.ts';
import { mintManagementToken } from '../tokens/mint-management-token.ts';
import { mintSignerToken } from '../tokens/mint-signer-token.ts';
import { type OAuthOutcome, refuseOAuth } from '../tokens/oauth-refusal.ts';
import { parseScope } from '../tokens/parse-scope.ts';
import type { TokenDeps } from '../tokens/token-deps.ts';
import type { Caller, TokenAnswer } from './caller.ts';
import { type MintUserDeps, mintUserSignerToken } from './mint-user-signer-token.ts';

export type MachineTokenInput = {
  readonly caller: Caller;
  readonly scope: string | undefined;
  /** Values of `resource` and `audience`. */
  readonly targets: readonly string[];
  readonly externalUserId: string | undefined;
};

/**
 * The client_credentials grant. One token has one audience: `sign:job` alone gives a signer
 * token of the app, `sign:mint_user_token` one of a user, management scopes a management token.
 */
export async function issueMachineToken(
  deps: TokenDeps & MintUserDeps,
  input: MachineTokenInput,
): Promise<OAuthOutcome<TokenAnswer>> {
  const parsed = parseScope(input.scope, input.caller.scopes);
  if (!parsed.ok) return parsed;
  const scopes = parsed.value;
  const isManagement = scopes.every((scope) => MANAGEMENT_SCOPES.has(scope));
  if (!isManagement && scopes.length > 1) {
    return refuseOAuth('invalid_scope', 'a signing scope must be the only scope of a token');
  }
  const audience = isManagement ? deps.managementAudience : deps.issuer;
  if (!input.targets.every((target) => target === audience)) {
    return refuseOAuth('invalid_target', 'resource or audience does not fit the scope');
  }
  if (isManagement) return managementToken(deps, input.caller, scopes);
  return scopes[0] === MINT_USER_SCOPE
    ? mintUserSignerToken(deps, input)
    : appSignerToken(deps, input);
}

async function managementToken(
  deps: TokenDeps,
  caller: Caller,
  scopes: readonly string[],
): Promise<OAuthOutcome<TokenAnswer>> {
  const minted = await mintManagementToken(deps, { clientId: caller.clientId, scopes });
  return {
    ok: true,
    value: {
      access_token: minted.accessToken,
      token_type: 'Bearer',
      expires_in: minted.expiresInSec,
      scope: scopes.join(' '),
    },
  };
}

async function appSignerToken(
  deps: TokenDeps,
  { caller, externalUserId }: MachineTokenInput,
): Promise<OAuthOutcome<TokenAnswer>> {
  const { appId, clientId } = caller;
  if (appId === undefined) return refuseOAuth('unauthorized_client', 'the client has no app');
  if (externalUserId !== undefined) {
    return refuseOAuth('invalid_request', `external_user_id needs scope ${MINT_USER_SCOPE}`);
  }
  const minted = await mintSignerToken(deps, {
    appId,
    subject: { kind: 'app' },
    callingClient: clientId,
  });
  return {
    ok: true,
    value: {
      access_token: minted.accessToken,
      token_type: 'Bearer',
      expires_in: minted.expiresInSec,
      scope: SIGN_JOB_SCOPE,
    },
  };
}
