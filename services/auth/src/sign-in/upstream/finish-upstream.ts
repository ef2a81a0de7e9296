import { createHash } from 'node:crypto';
import { type Outcome, ok, refused } from '@clearinghouse/shared';
import { displayNameSchema, emailSchema } from '../../accounts/account.ts';
import { takeChallenge } from '../challenge-store.ts';
import type { ProvenIdentity } from '../resolve-identity.ts';
import { callbackUrl, type UpstreamDeps } from './start-upstream.ts';
import type { Upstream, UpstreamPerson } from './upstream.ts';

const LABEL_CHARS_MAX = 320;

/**
 * Takes the answer of another issuer: a state of this browser's, used once and made for this very
 * provider (so that no answer of one passes for another's: RFC 9207, RFC 9700 section 4.4), then
 * everything that the protocol asks for.
 *
 * @param input.query the query of the callback, as it came.
 * @returns `sign_in_refused`; detail, for logs, says why.
 */
export async function finishUpstream(
  deps: UpstreamDeps,
  input: { providerId: string; holder: string; query: string },
): Promise<Outcome<ProvenIdentity, 'sign_in_refused'>> {
  const { providerId, holder } = input;
  const upstream = deps.upstreams.get(providerId);
  const url = new URL(callbackUrl(deps.origin, providerId));
  url.search = input.query;
  const state = url.searchParams.get('state') ?? '';
  const kept = await takeChallenge(deps.db, { id: state, kind: 'upstream', holder });
  if (!upstream || !kept) return refused('sign_in_refused', 'state');
  if (kept.providerId !== providerId) return refused('sign_in_refused', 'state of another');
  const { nonce, verifier } = kept as { nonce: string; verifier: string };
  try {
    const person = await upstream.person(url, { state, nonce, verifier });
    return ok(identityOf(upstream, person));
  } catch (err) {
    const code = err instanceof Error ? err.message : 'unknown';
    deps.log.info({ providerId, reason: code.slice(0, 200) }, 'an upstream sign-in failed');
    return refused('sign_in_refused', 'upstream');
  }
}

function identityOf({ settings }: Upstream, person: UpstreamPerson): ProvenIdentity {
  const email = person.isEmailVerified ? emailSchema.safeParse(person.email).data : undefined;
  const label = person.email ?? person.handle ?? person.name ?? settings.name;
  return {
    kind: 'oidc',
    provider: settings.id,
    // Bound to the issuer: a provider that is configured anew under an old id is another.
    subject: createHash('sha256')
      .update(JSON.stringify([settings.issuer, person.subject]))
      .digest('base64url'),
    label: label.slice(0, LABEL_CHARS_MAX),
    email: email ?? null,
    displayName: displayNameSchema.safeParse(person.name ?? '').data ?? null,
  };
}
