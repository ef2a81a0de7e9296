import type { Client } from './client.ts';
import type { ClientMetadata } from './client-metadata-body.ts';

/** What a machine may say of itself: how it proves itself, and nothing about people. */
const OF_MACHINES: ReadonlySet<string> = new Set([
  'token_endpoint_auth_method',
  'jwks',
  'jwks_uri',
]);
/** What needs a client that proves itself. */
const OF_CONFIDENTIAL: ReadonlySet<string> = new Set([...OF_MACHINES, 'pkce_exempt']);

/**
 * Says what of a client's description does not fit its kind: undefined when all does. What would
 * have no effect is refused, since whoever wrote it expects one.
 */
export function unfitMetadata(
  kind: Client['kind'],
  { metadata, scopes }: { metadata: ClientMetadata; scopes: readonly string[] },
): string | undefined {
  const names = Object.keys(metadata);
  if (kind !== 'machine' && scopes.length > 0) return 'scopes: only a machine client has any';
  if (kind === 'machine') {
    const other = names.find((name) => !OF_MACHINES.has(name));
    return other && `metadata: a machine client has no ${other}`;
  }
  if (kind !== 'public') return undefined;
  const other = names.find((name) => OF_CONFIDENTIAL.has(name));
  if (other !== undefined) return `metadata: a public client has no ${other}`;
  return metadata.rotate_refresh_token === false
    ? 'metadata: refresh tokens of a public client are always rotated'
    : undefined;
}
