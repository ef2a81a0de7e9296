import type { Postman } from '../mail/postman.ts';
import { changedMail, deletedMail } from '../mail/write-mails.ts';
import type { Account } from './account.ts';

/** What guards an account and was changed, in the words of a mail. */
export type GuardChange =
  | 'the password was changed'
  | 'the address was changed'
  | 'a passkey was added'
  | 'another way to sign in was added'
  | 'a way to sign in was removed';

/** Tells the owner of an account what was changed, so that a thief's change is noticed. */
export function tellOwner(
  deps: { readonly postman: Postman; readonly origin: string; readonly installationName: string },
  input: { account: Pick<Account, 'email'>; what: GuardChange },
): void {
  const { email: to } = input.account;
  if (to === null || !deps.postman.isConfigured) return;
  const { origin, installationName: installation } = deps;
  deps.postman.post(changedMail({ to, installation, origin, what: input.what }));
}

/** Says good-bye to the address that an account had. */
export function tellOfDeletion(
  deps: { readonly postman: Postman; readonly origin: string; readonly installationName: string },
  input: { account: Pick<Account, 'email'> },
): void {
  const { email: to } = input.account;
  if (to === null || !deps.postman.isConfigured) return;
  const { origin, installationName: installation } = deps;
  deps.postman.post(deletedMail({ to, installation, origin }));
}
