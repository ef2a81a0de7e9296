import type { Postman } from '../mail/postman.ts';
import type { Mail } from '../mail/send-mail.ts';
import { changedMail, deletedMail } from '../mail/write-mails.ts';
import type { Account } from './account.ts';

/** What guards an account and was changed, in the words of a mail. */
export type GuardChange =
  | 'the password was changed'
  | 'the address was changed'
  | 'a passkey was added'
  | 'another way to sign in was added'
  | 'a way to sign in was removed';

type TellDeps = {
  readonly postman: Postman;
  readonly origin: string;
  readonly installationName: string;
};
type Told = { readonly account: Pick<Account, 'email'> };

/** Tells the owner of an account what was changed, so that a thief's change is noticed. */
export function tellOwner(deps: TellDeps, input: Told & { what: GuardChange }): void {
  tell(deps, input, (letter) => changedMail({ ...letter, what: input.what }));
}

/** Says good-bye to the address that an account had. */
export function tellOfDeletion(deps: TellDeps, input: Told): void {
  tell(deps, input, deletedMail);
}

function tell(
  deps: TellDeps,
  { account: { email: to } }: Told,
  write: (letter: { to: string; installation: string; origin: string }) => Mail,
): void {
  if (to === null || !deps.postman.isConfigured) return;
  const { origin, installationName: installation } = deps;
  deps.postman.post(write({ to, installation, origin }));
}
