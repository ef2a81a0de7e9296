import {
  APP_SUBJECT,
  type CredentialAnswer,
  type credentialRequestSchema,
  SIGN_JOB_SCOPE,
} from '@clearinghouse/shared';
import type { z } from 'zod';
import type { KeyWithOwner } from './api-key.ts';
import { type VerifyApiKeysDeps, verifyApiKeys } from './verify-api-keys.ts';

type CredentialRequest = z.infer<typeof credentialRequestSchema>;

/** Answers the signer's `credential-verify`: the principal of each key, or a refusal. */
export async function answerCredentialVerify(
  deps: VerifyApiKeysDeps,
  request: CredentialRequest,
): Promise<{ answers: CredentialAnswer[] }> {
  const keys = request.items.map(({ keySha256, fromBrowser }) => ({
    sha256: Buffer.from(keySha256, 'hex'),
    fromBrowser,
  }));
  const verified = await verifyApiKeys(deps, keys, 'signer');
  const answers = verified.map((outcome): CredentialAnswer => {
    if (!outcome.ok) return { ok: false, code: outcome.code };
    if (maySign(outcome.value)) return { ok: true, principal: principalOfKey(outcome.value) };
    const { id: keyId, appId } = outcome.value;
    deps.recordRefusal({ keyId, appId, reason: 'key may not sign', surface: 'signer' });
    return { ok: false, code: 'insufficient_scope' };
  });
  return { answers };
}

function maySign(key: KeyWithOwner): boolean {
  return key.kind === 'secret' && key.scopes.includes(SIGN_JOB_SCOPE);
}

/** A key without a user is a gateway's: it pays for users that the signer cannot see. */
function principalOfKey(key: KeyWithOwner) {
  const base = { appId: key.appId, keyId: key.id };
  if (key.userId === null) {
    return { ...base, subject: APP_SUBJECT, attribution: 'gateway' as const };
  }
  return {
    ...base,
    subject: key.userId,
    userId: key.userId,
    attribution: 'direct' as const,
    ...(key.externalUserId === null ? {} : { externalUserId: key.externalUserId }),
  };
}
