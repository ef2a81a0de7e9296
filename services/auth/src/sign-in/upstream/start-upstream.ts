import { randomBytes } from 'node:crypto';
import { type Logger, type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { insertChallenge, newChallengeId } from '../challenge-store.ts';
import type { Upstream } from './upstream.ts';

export type UpstreamDeps = {
  readonly db: Sql;
  readonly log: Logger;
  readonly origin: string;
  readonly upstreams: ReadonlyMap<string, Upstream>;
};

const VERIFIER_BYTES = 32;

/** The one address that is registered with an upstream for this installation. */
export function callbackUrl(origin: string, providerId: string): string {
  return `${origin}/sign-in/callback/${providerId}`;
}

/**
 * Begins a sign-in at another issuer.
 *
 * @param input.holder the interaction or session that may take the answer.
 * @param input.route where the answer is taken to, once it is back: part of the state, so that
 * the one registered address can hand it to the browser's own interaction.
 * @returns `not_found` for a provider that is not configured, `unavailable` when it is away.
 */
export async function startUpstream(
  deps: UpstreamDeps,
  input: { providerId: string; holder: string; route: string; isFresh: boolean },
): Promise<Outcome<URL, 'not_found' | 'unavailable'>> {
  const { providerId, holder, route, isFresh } = input;
  const upstream = deps.upstreams.get(providerId);
  if (!upstream) return refused('not_found');
  const state = `${route}.${newChallengeId()}`;
  const nonce = newChallengeId();
  const verifier = randomBytes(VERIFIER_BYTES).toString('base64url');
  const checks = { state, nonce, verifier };
  try {
    const redirectUri = callbackUrl(deps.origin, providerId);
    const url = await upstream.authorizationUrl(redirectUri, checks, { isFresh });
    const detail = { providerId, nonce, verifier };
    await insertChallenge(deps.db, { id: state, kind: 'upstream', holder, detail });
    return ok(url);
  } catch (err) {
    deps.log.warn({ err, providerId }, 'an upstream cannot be asked');
    return refused('unavailable');
  }
}

/** The interaction (or `account`) that a state names, as the registered address reads it. */
export function routeOfState(state: string): string | undefined {
  const [, route] = /^([A-Za-z0-9_-]{1,64})\.[0-9a-f]{48}$/.exec(state) ?? [];
  return route;
}
