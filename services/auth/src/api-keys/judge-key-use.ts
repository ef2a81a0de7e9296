import { type Outcome, ok, refused } from '@clearinghouse/shared';
import type { KeyWithOwner } from './api-key.ts';
import { matchesAddress } from './match-address.ts';
import { matchesOrigin } from './match-origin.ts';

/** Where and for what a key is used; what a surface cannot know is left out. */
export type KeyUse = {
  /** The `Origin` header; a request without one is not from a browser. */
  readonly origin?: string | undefined;
  /** A browser asks, from an origin that this surface does not know. */
  readonly fromBrowser?: boolean | undefined;
  readonly ip?: string | undefined;
  /** The asset or stream that is asked for. */
  readonly resource?: string | undefined;
  /** It changes something other than starting a session on that resource. */
  readonly isWrite?: boolean | undefined;
  readonly appId?: string | undefined;
};

export type KeyRefusal =
  | 'invalid_token'
  | 'suspended'
  | 'browser_key_refused'
  | 'insufficient_scope';

/**
 * May this key be used like this? Which of the reasons it was is for the audit log: who presents a
 * key that is unknown, revoked or expired learns no more than that it is not valid.
 */
export function judgeKeyUse(
  key: KeyWithOwner | undefined,
  use: KeyUse,
  nowMs: number,
): Outcome<KeyWithOwner, KeyRefusal> {
  if (!key) return refused('invalid_token', 'unknown key');
  if (key.revokedAt !== null) return refused('invalid_token', 'revoked');
  if (key.expiresAt.getTime() <= nowMs) return refused('invalid_token', 'expired');
  if (key.graceExpiresAt !== null && key.graceExpiresAt.getTime() <= nowMs) {
    return refused('invalid_token', 'rotated, and its overlap is over');
  }
  if (use.appId !== undefined && use.appId !== key.appId) {
    return refused('invalid_token', 'key of another app');
  }
  if (key.userDeleted) return refused('invalid_token', 'user deleted');
  const misuse = key.kind === 'secret' ? secretMisuse(use) : publishableMisuse(key, use);
  if (misuse) return misuse;
  if (key.ipAllowlist.length > 0 && !(use.ip && matchesAddress(key.ipAllowlist, use.ip))) {
    return refused('insufficient_scope', 'address not in the allowlist');
  }
  if (key.appStatus !== 'active') return refused('suspended', 'app suspended');
  if (key.userStatus === 'inactive') return refused('suspended', 'user inactive');
  return outOfReach(key, use) ?? ok(key);
}

type Misuse = Outcome<never, KeyRefusal> | undefined;

/** A secret key in a browser is a leak. */
function secretMisuse({ origin, fromBrowser = false }: KeyUse): Misuse {
  const isBrowser = fromBrowser || (origin !== undefined && origin !== '');
  return isBrowser ? refused('browser_key_refused', 'secret key in browser') : undefined;
}

/** Only from listed origins, only to read or to start a session, only on what it names. */
function publishableMisuse(key: KeyWithOwner, use: KeyUse): Misuse {
  if (use.origin === undefined || use.origin === '') {
    return refused('insufficient_scope', 'publishable key without an origin');
  }
  if (!matchesOrigin(key.allowedOrigins, use.origin)) {
    return refused('insufficient_scope', 'origin not allowed');
  }
  if (use.isWrite) return refused('insufficient_scope', 'publishable key used to write');
  if (use.resource === undefined) {
    return refused('insufficient_scope', 'publishable key without a resource');
  }
  return undefined;
}

/**
 * An empty list is everything to a secret key and nothing to a publishable one. A key that names
 * resources is good for nothing where nobody says which one is meant: at a payment it would pay for
 * all of them.
 */
function outOfReach({ kind, resources }: KeyWithOwner, { resource }: KeyUse): Misuse {
  if (resources.length === 0 && kind === 'secret') return undefined;
  if (resource === undefined) {
    return refused('insufficient_scope', 'key of some resources, and none is named');
  }
  if (resources.includes(resource)) return undefined;
  return refused('insufficient_scope', 'resource not of this key');
}
