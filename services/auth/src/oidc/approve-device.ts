import { SIGN_JOB_SCOPE } from '@clearinghouse/shared';
import type { Provider } from 'oidc-provider';
import { recordAudit } from '../audit/record-audit.ts';
import type { Caller, TokenAnswer } from '../exchange/caller.ts';
import {
  ACCESS_TOKEN_TYPE,
  type ResolveSubjectDeps,
  resolveSubject,
} from '../exchange/resolve-subject.ts';
import { type OAuthOutcome, refuseGrant, refuseOAuth } from '../tokens/oauth-refusal.ts';
import { ownMetadata } from './client-metadata.ts';

/** What a target of an exchange begins with when it names a device that waits. */
export const DEVICE_TARGET = 'urn:pmth:device_code:';

/** Scopes of OpenID Connect that a device may ask for; the rest is for a resource. */
const OPENID_SCOPES = new Set(['openid', 'offline_access', 'profile', 'email']);

export type ApproveDeviceInput = {
  readonly provider: Provider;
  readonly caller: Caller;
  readonly subjectToken: string | undefined;
  readonly subjectTokenType: string | undefined;
  /** The target with the code in it, as its person typed it. */
  readonly target: string;
  readonly requestId?: string | undefined;
};

/**
 * Approves a device for a user of the caller's app, whom the app's own backend has signed in: the
 * form of approval that clients of the builder API use. The device must be of the same app; it
 * gets at most what it asked for, as if the user had been here.
 */
export async function approveDevice(
  deps: ResolveSubjectDeps,
  input: ApproveDeviceInput,
): Promise<OAuthOutcome<TokenAnswer>> {
  const { caller, provider, subjectToken: token, subjectTokenType: type } = input;
  if (!caller.scopes.includes('users:token')) {
    return refuseOAuth('invalid_scope', 'approving a device needs scope users:token');
  }
  if (!token || !type) return refuseOAuth('invalid_request', 'a subject token is required');
  const surface = 'device approval';
  const callerAppId = caller.appId;
  const subjectInput = { token, type, fromBrowser: false, surface, callerAppId };
  const resolved = await resolveSubject(deps, subjectInput);
  if (!resolved.ok) return resolved;
  const { subject, appId, scopes, remainingSec } = resolved.value;
  const isOwnUser = subject.kind === 'user' && appId === callerAppId;
  if (!isOwnUser || !scopes.includes(SIGN_JOB_SCOPE)) return refuseGrant('not a user of this app');
  const userCode = input.target.slice(DEVICE_TARGET.length).replace(/\W/g, '').toUpperCase();
  const clientId = await approve(provider, { userCode, userId: subject.userId, appId });
  if (clientId === undefined)
    return refuseOAuth('invalid_target', 'no device waits with this code');
  const { requestId } = input;
  const action = 'device.approved';
  const target = clientId;
  const detail = { userId: subject.userId };
  await recordAudit(deps.db, { action, actor: caller.clientId, appId, target, requestId, detail });
  return {
    ok: true,
    value: {
      access_token: token,
      issued_token_type: ACCESS_TOKEN_TYPE,
      token_type: 'Bearer',
      expires_in: Math.max(1, remainingSec),
      scope: SIGN_JOB_SCOPE,
    },
  };
}

/** Writes the approval; undefined when no device of the app waits with this code. */
async function approve(
  provider: Provider,
  input: { userCode: string; userId: string; appId: string },
): Promise<string | undefined> {
  const { userCode, userId: accountId, appId } = input;
  const code = await provider.DeviceCode.findByUserCode(userCode);
  if (!code || code.accountId || code.error || code.inFlight) return undefined;
  const clientId = code.clientId ?? '';
  const client = await provider.Client.find(clientId);
  if (!client || ownMetadata(client).ch_app_id !== appId) return undefined;
  const asked = code.params?.scope;
  const scopes = typeof asked === 'string' ? asked.split(' ') : [SIGN_JOB_SCOPE];
  const openid = scopes.filter((scope) => OPENID_SCOPES.has(scope));
  const grant = new provider.Grant({ accountId, clientId });
  if (openid.length > 0) grant.addOIDCScope(openid.join(' '));
  const maySign = scopes.includes(SIGN_JOB_SCOPE);
  if (maySign) grant.addResourceScope(provider.issuer, SIGN_JOB_SCOPE);
  const granted = [...openid, ...(maySign ? [SIGN_JOB_SCOPE] : [])].join(' ');
  Object.assign(code, {
    accountId,
    authTime: Math.floor(Date.now() / 1000),
    grantId: await grant.save(),
    scope: granted,
    ...(maySign ? { resource: provider.issuer } : {}),
  });
  await code.save();
  return clientId;
}
