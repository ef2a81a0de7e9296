import { randomUUID } from 'node:crypto';
import { signToken } from '../tokens/sign-token.ts';
import type { TestAuth } from './start-test-auth.ts';

const TTL_SEC = 60;

/** A person's token for the management API, as the issuer gives it to the console. */
export async function personToken(auth: TestAuth, accountId: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: auth.deps.issuer,
    aud: auth.deps.managementAudience,
    sub: accountId,
    client_id: auth.seed.app.id,
    scope: 'manage',
    jti: randomUUID(),
    iat: now,
    exp: now + TTL_SEC,
  };
  return `Bearer ${await signToken(auth.deps.keys(), claims, 'at+jwt')}`;
}
