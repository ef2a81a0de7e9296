import { interactionPolicy } from 'oidc-provider';
import { ownMetadata } from './client-metadata.ts';

/**
 * Who is asked what: as OpenID Connect wants it, but that an app of the operator's own needs no
 * consent on a native client either. Elsewhere such a client always asks, since another program
 * on the same machine may pass for it (RFC 8252, section 8.6).
 */
export function createInteractionPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const consent = policy.get('consent');
  const native = consent?.checks.get('native_client_prompt');
  if (!native) throw new Error('oidc-provider has no native_client_prompt');
  const { check } = native;
  native.check = (ctx) =>
    ownMetadata(ctx.oidc.client).ch_first_party === true
      ? interactionPolicy.Check.NO_NEED_TO_PROMPT
      : check(ctx);
  return policy;
}
