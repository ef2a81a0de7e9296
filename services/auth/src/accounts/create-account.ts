import { newId, type Outcome, ok, refused, type Transaction } from '@clearinghouse/shared';
import { recordAudit } from '../audit/record-audit.ts';
import type { Account } from './account.ts';
import { insertAccount } from './account-store.ts';

/**
 * Creates an account inside a transaction of the caller.
 *
 * @param input.email lower case; verified when its owner has shown that mail to it arrives.
 * @param input.actor who did it; the new account itself unless told.
 * @returns `conflict` when another account has the address.
 */
export async function createAccount(
  deps: { tx: Transaction },
  input: {
    email: string | null;
    isEmailVerified?: boolean;
    displayName?: string | null;
    passwordHash?: string | null;
    isOperator?: boolean;
    actor?: string;
    reason?: string;
    requestId?: string | undefined;
  },
): Promise<Outcome<Account, 'conflict'>> {
  const { tx } = deps;
  const id = newId('acc');
  const account = await insertAccount(tx, {
    id,
    email: input.email,
    isEmailVerified: input.isEmailVerified ?? false,
    displayName: input.displayName ?? null,
    passwordHash: input.passwordHash ?? null,
    isOperator: input.isOperator ?? false,
  });
  if (!account) return refused('conflict');
  const { actor = id, reason, requestId } = input;
  await recordAudit(tx, { action: 'account.created', actor, target: id, reason, requestId });
  return ok(account);
}
