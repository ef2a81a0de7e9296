import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { hashPassword, needsRehash, verifyPassword } from '../accounts/hash-password.ts';
import { findPassword, replaceHash } from '../accounts/password-store.ts';
import { AMR, type SignedIn } from './signed-in.ts';

/**
 * Signs in with address and password. An unknown address, an account without a password and a
 * wrong password cost the same work and get the same answer.
 *
 * @param input.email lower case.
 * @returns `wrong_credentials`; detail, for logs, says why.
 */
export async function signInWithPassword(
  deps: { db: Sql },
  input: { email: string; password: string },
): Promise<Outcome<SignedIn, 'wrong_credentials'>> {
  const { email, password } = input;
  const row = await findPassword(deps.db, email);
  const matches = await verifyPassword(password, row?.passwordHash);
  if (!row || !matches) return refused('wrong_credentials', row ? 'password' : 'unknown address');
  if (row.status !== 'active') return refused('wrong_credentials', row.status);
  const { accountId, passwordHash } = row;
  if (passwordHash !== null && needsRehash(passwordHash)) {
    const to = await hashPassword(password);
    await replaceHash(deps.db, { accountId, from: passwordHash, to });
  }
  return ok({ accountId, methods: AMR.password });
}
