/** The kinds of account; see README.md of this folder for what each means. */
export type AccountKind =
  | 'prepaid'
  | 'uncollected'
  | 'revenue_markup'
  | 'network_cost'
  | 'cash'
  | 'ticket_liability'
  | 'chain_deposit'
  | 'chain_reserve'
  | 'chain_wallet'
  | 'pre_adoption'
  | 'co_signer'
  | 'unknown_redemptions';

/** An account by its name; the name is unique and never changes. */
export type AccountName = {
  readonly name: string;
  readonly kind: AccountKind;
  readonly appId?: string;
};

/** What a customer has paid in and not used; never below minus its credit limit. */
export function prepaidAccount(appId: string): AccountName {
  return { name: `customer:${appId}:prepaid`, kind: 'prepaid', appId };
}

/** What a customer used and could not pay; below zero by what is owed. */
export function uncollectedAccount(appId: string): AccountName {
  return { name: `customer:${appId}:uncollected`, kind: 'uncollected', appId };
}

/** What is earned above the network's price. */
export const REVENUE_MARKUP: AccountName = {
  name: 'platform:revenue_markup',
  kind: 'revenue_markup',
};
/** USD: what customers paid for the network. WEI: what the network is expected to cost. */
export const NETWORK_COST: AccountName = { name: 'platform:network_cost', kind: 'network_cost' };
/** The other side of what comes in. */
export const CASH: AccountName = { name: 'platform:cash', kind: 'cash' };

/** What a signer's tickets are expected to pay out, in wei. */
export function ticketLiability(sender: string): AccountName {
  return { name: `signer:${sender}:ticket_liability`, kind: 'ticket_liability' };
}

export type Currency = 'USD' | 'WEI';

/** One side of a transaction: micro-USD or wei, never zero. */
export type Posting = {
  readonly accountId: bigint;
  readonly currency: Currency;
  readonly amount: bigint;
};

/** Does every currency sum to zero, with no empty posting? */
export function isBalanced(postings: readonly Posting[]): boolean {
  const sums = new Map<Currency, bigint>();
  for (const { currency, amount } of postings) {
    if (amount === 0n) return false;
    sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  }
  return postings.length > 0 && [...sums.values()].every((sum) => sum === 0n);
}
