import {
  add,
  compare,
  multiply,
  type Rational,
  rational,
  subtract,
  ZERO,
} from '../amounts/rational.ts';

/** What each (sender, manifest) has, and the price it was opened at. */
export type AccountBook = Map<string, { balance: Rational; readonly price: Rational }>;

type Key = { readonly sender: string; readonly manifestId: string };

/** Credits tickets; the first price that a payment names becomes the account's price. */
export function creditAccount(
  book: AccountBook,
  input: Key & { readonly amount: Rational; readonly price: Rational },
): void {
  const key = keyOf(input);
  const known = book.get(key);
  if (known === undefined) {
    book.set(key, { balance: input.amount, price: input.price });
    return;
  }
  known.balance = add(known.balance, input.amount);
}

/** Debits units of work at the account's price; false, and nothing done, when not covered. */
export function debitAccount(book: AccountBook, input: Key & { readonly units: bigint }): boolean {
  const account = book.get(keyOf(input));
  if (account === undefined) return false;
  const fee = multiply(account.price, rational(input.units));
  if (compare(account.balance, fee) < 0) return false;
  account.balance = subtract(account.balance, fee);
  return true;
}

/** What (sender, manifest) has; zero when it never paid. */
export function balanceOf(book: AccountBook, input: Key): Rational {
  return book.get(keyOf(input))?.balance ?? ZERO;
}

function keyOf(input: Key): string {
  return `${input.sender.toLowerCase()}/${input.manifestId}`;
}
