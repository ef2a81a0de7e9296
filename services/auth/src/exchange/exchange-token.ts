import { SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import { LIMITS } from '../limits.ts';
import { type Actor, mintSignerToken } from '../tokens/mint-signer-token.ts';
import { type OAuthOutcome, refuseGrant, refuseOAuth } from '../tokens/oauth-refusal.ts';
import { parseScope } from '../tokens/parse-scope.ts';
import type { Caller, FetchBalance, TokenAnswer } from './caller.ts';
import { type OpenSessionDeps, openSignerSession } from './open-signer-session.ts';
import {
  ACCESS_TOKEN_TYPE,
  JWT_TYPE,
  type ResolveSubjectDeps,
  resolveSubject,
} from './resolve-subject.ts';
import type { ResolvedSubject } from './resolved-subject.ts';

export type ExchangeDeps = ResolveSubjectDeps &
  OpenSessionDeps & { readonly fetchBalance: FetchBalance };

/** A token exchange (RFC 8693) as it was asked for. */
export type ExchangeInput = {
  readonly subjectToken: string | undefined;
  readonly subjectTokenType: string | undefined;
  readonly requestedTokenType: string | undefined;
  readonly actorToken: string | undefined;
  readonly scope: string | undefined;
  /** Values of `resource` and `audience`. */
  readonly targets: readonly string[];
  /** Undefined where the subject token itself is the credential (an app's own route). */
  readonly caller: Caller | undefined;
  /** The app whose route this is; the subject must belong to it. */
  readonly appId: string | undefined;
  readonly fromBrowser: boolean;
  readonly surface: string;
  readonly requestId?: string | undefined;
};

/**
 * Exchanges an API key or an access token for a signer token of at most 300 s. Never widens:
 * the scope is what the request, the subject and the caller have in common; the lifetime is
 * never longer than the subject's; the audience is the issuer; there is no refresh token.
 */
export async function exchangeToken(
  deps: ExchangeDeps,
  input: ExchangeInput,
): Promise<OAuthOutcome<TokenAnswer>> {
  const { subjectToken, subjectTokenType: type } = input;
  const malformed = checkRequest(deps, input);
  if (malformed) return malformed;
  if (!subjectToken) return refuseOAuth('invalid_request', 'subject_token is required');
  if (!type) return refuseOAuth('invalid_request', 'subject_token_type is required');
  const { fromBrowser, surface, caller } = input;
  const callerAppId = caller?.appId;
  const subjectInput = { token: subjectToken, type, fromBrowser, surface, callerAppId };
  const resolved = await resolveSubject(deps, subjectInput);
  if (!resolved.ok) return resolved;
  const subject = resolved.value;
  if (subject.appId !== (caller?.appId ?? subject.appId)) return refuseGrant('other app');
  if (subject.appId !== (input.appId ?? subject.appId)) return refuseGrant('other app');
  if (subject.mayAct !== undefined && subject.mayAct !== caller?.clientId) {
    return refuseGrant('may_act names another actor');
  }
  const callerScopes = caller?.scopes ?? [SIGN_JOB_SCOPE];
  const allowed = [SIGN_JOB_SCOPE].filter(
    (scope) => subject.scopes.includes(scope) && callerScopes.includes(scope),
  );
  const scopes = parseScope(input.scope ?? SIGN_JOB_SCOPE, allowed);
  if (!scopes.ok) return scopes;
  const act = actorOf(subject, caller);
  if (act !== undefined && actorDepth(act) > LIMITS.actorDepthMax) {
    return refuseOAuth('invalid_request', 'the chain of actors is too long');
  }
  if (subject.remainingSec <= 0) return refuseGrant('expired');
  const session = sessionFor(input, subject);
  if (session) return { ok: true, value: await openSignerSession(deps, session) };
  return issue(deps, input, subject, act);
}

/**
 * A machine that may mint user tokens, presents one that it minted and names no target, asks for
 * an opaque session: so do clients of the builder API. Everybody else gets a JWT; a token that came
 * from a key or from somebody else's token does too, since a session would outlive those.
 */
function sessionFor(input: ExchangeInput, resolved: ResolvedSubject) {
  const { caller, targets, requestId } = input;
  const { subject, client, appId, keyId, act } = resolved;
  if (keyId !== undefined || act !== undefined) return undefined;
  if (subject.kind !== 'user' || !caller || client !== caller.clientId) return undefined;
  if (targets.length > 0 || !caller.scopes.includes('users:token')) return undefined;
  return { appId, userId: subject.userId, clientId: caller.clientId, requestId };
}

/** What can be told without looking at the subject. */
function checkRequest(deps: ExchangeDeps, input: ExchangeInput) {
  const { requestedTokenType: requested } = input;
  if (input.actorToken !== undefined) {
    return refuseOAuth('invalid_request', 'actor_token is not supported');
  }
  if (requested !== undefined && requested !== ACCESS_TOKEN_TYPE && requested !== JWT_TYPE) {
    return refuseOAuth('invalid_request', 'requested_token_type is not supported');
  }
  if (!input.targets.every((target) => target === deps.issuer)) {
    return refuseOAuth('invalid_target', 'the only target is the issuer');
  }
  return undefined;
}

/** Who acts: nobody when a token's own client asks or a key speaks for itself (RFC 8693, 4.1). */
function actorOf(subject: ResolvedSubject, caller: Caller | undefined): Actor | undefined {
  const { client, act } = subject;
  if (!caller || client === undefined || client === caller.clientId) return act;
  return { sub: caller.clientId, ...(act === undefined ? {} : { act }) };
}

/** For the audit log: what kind of thing was exchanged. */
function sourceOf({ keyId, client }: ResolvedSubject): string {
  if (keyId !== undefined) return 'key';
  return client?.startsWith('ext_') ? 'external token' : 'token';
}

function actorDepth(act: Actor): number {
  let depth = 1;
  for (let next = act.act; next !== undefined; next = next.act) depth += 1;
  return depth;
}

async function issue(
  deps: ExchangeDeps,
  input: ExchangeInput,
  subject: ResolvedSubject,
  act: Actor | undefined,
): Promise<OAuthOutcome<TokenAnswer>> {
  const { appId, keyId } = subject;
  const callingClient = input.caller?.clientId ?? subject.client ?? appId;
  const minted = await mintSignerToken(deps, {
    appId,
    subject: subject.subject,
    callingClient,
    keyId,
    grantId: subject.grantId,
    act,
    ttlMaxSec: subject.remainingSec,
  });
  const { requestId } = input;
  await recordAudit(deps.db, {
    action: 'token.exchanged',
    actor: callingClient,
    appId,
    target: keyId ?? subject.grantId,
    requestId,
    detail: { surface: input.surface, from: sourceOf(subject) },
  });
  const balance =
    subject.subject.kind === 'app'
      ? undefined
      : await deps.fetchBalance({
          appId,
          externalUserId: subject.subject.externalUserId,
          clientId: callingClient,
        });
  return {
    ok: true,
    value: {
      access_token: minted.accessToken,
      issued_token_type: ACCESS_TOKEN_TYPE,
      token_type: 'Bearer',
      expires_in: minted.expiresInSec,
      scope: SIGN_JOB_SCOPE,
      ...balance,
    },
  };
}
