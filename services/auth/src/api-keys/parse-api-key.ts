import { createHash } from 'node:crypto';
import { LIMITS } from '../limits.ts';
import { isMintedSecret, type SecretPrefix } from '../secrets/generated-secret.ts';

/** A credential of the right form; whether it exists is still to be asked. */
export type PresentedKey = {
  readonly sha256: Buffer;
  /** The app named by a composite key; the key must belong to it. */
  readonly appId: string | undefined;
};

const OWN_PREFIXES: readonly SecretPrefix[] = [
  'lp_sk_live_',
  'lp_sk_test_',
  'lp_pk_live_',
  'lp_pk_test_',
];
const IMPORTED = /^pmth_[0-9a-f]{64}$/;
const COMPOSITE = /^(app_[0-9a-f]{24})_(.+)$/s;

/**
 * Reads an API key: `lp_sk_live_…` with its checksum, a key taken over from pymthouse
 * (`pmth_` and 64 hex digits), or either behind `app_…_`. Anything else is refused before any
 * I/O.
 */
export function parseApiKey(text: string): PresentedKey | undefined {
  if (text.length > LIMITS.apiKeyCharsMax) return undefined;
  const [, appId, rest] = COMPOSITE.exec(text) ?? [];
  const secret = rest ?? text;
  const known =
    IMPORTED.test(secret) || OWN_PREFIXES.some((prefix) => isMintedSecret(prefix, secret));
  if (!known) return undefined;
  return { sha256: createHash('sha256').update(secret, 'utf8').digest(), appId };
}

/** Does a bearer credential claim to be an API key (and not a JWT)? */
export function looksLikeApiKey(text: string): boolean {
  return !(text.startsWith('eyJ') && text.split('.').length === 3);
}
