import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { LIMITS } from '../limits.ts';
import { type Client, isUsable } from './client.ts';
import { findClient } from './client-store.ts';
import { compareSecret } from './compare-secret.ts';
import { parseBasic } from './parse-basic.ts';

/**
 * Who presents this `Authorization: Basic` header (RFC 6749, section 2.3.1)?
 *
 * @returns the client, `invalid_client` for anything unknown or wrong, `suspended` only to a
 * client that has proven itself.
 */
export async function authenticateClient(
  deps: { db: Sql },
  header: string,
): Promise<Outcome<Client, 'invalid_client' | 'suspended'>> {
  if (header.length > LIMITS.credentialCharsMax) return refused('invalid_client', 'too long');
  const now = new Date();
  for (const { id, secret } of parseBasic(header)) {
    const client = await findClient(deps.db, id);
    const confidential = client !== undefined && client.kind !== 'public';
    const proven = compareSecret(confidential ? client.secrets : [], secret, now);
    if (!confidential || !proven) continue;
    return isUsable(client) ? ok(client) : refused('suspended');
  }
  return refused('invalid_client');
}
