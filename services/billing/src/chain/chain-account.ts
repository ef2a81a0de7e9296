import type { Address } from '@clearinghouse/shared';
import { type AccountName, ticketLiability } from '../ledger/account.ts';

/** Who signed a redeemed ticket. */
export type RedemptionKind =
  /** We: the very ticket is among those of a settled hold. */
  | 'signed'
  /** We, it seems: its hold is not settled yet. */
  | 'unsettled'
  /** Whoever was in charge before this installation. */
  | 'pre_adoption'
  /** A declared other signer with the same key, within its bound. */
  | 'co_signer'
  /** Nobody known: the key may be in other hands. */
  | 'unknown';

/** The accounts of one of our senders on one chain, all in wei. */
export type ChainAccounts = {
  /** What stands in the contract, with a minus before it: it is ours. */
  readonly deposit: AccountName;
  readonly reserve: AccountName;
  /** Where it came from and went to. */
  readonly wallet: AccountName;
  /** What redemptions are set against. */
  readonly redeemed: Readonly<Record<RedemptionKind, AccountName>>;
};

/** The accounts by their names. */
export function chainAccounts(chain: string, sender: Address): ChainAccounts {
  const liability = ticketLiability(sender);
  return {
    deposit: { name: `chain:${chain}:${sender}:deposit`, kind: 'chain_deposit' },
    reserve: { name: `chain:${chain}:${sender}:reserve`, kind: 'chain_reserve' },
    wallet: { name: `chain:${chain}:${sender}:wallet`, kind: 'chain_wallet' },
    redeemed: {
      signed: liability,
      unsettled: liability,
      pre_adoption: { name: `signer:${sender}:pre_adoption`, kind: 'pre_adoption' },
      co_signer: { name: `signer:${sender}:co_signer`, kind: 'co_signer' },
      unknown: { name: `signer:${sender}:unknown_redemptions`, kind: 'unknown_redemptions' },
    },
  };
}

/** All of them, each once. */
export function listAccounts(accounts: ChainAccounts): AccountName[] {
  const { deposit, reserve, wallet, redeemed } = accounts;
  return [deposit, reserve, wallet, ...new Set(Object.values(redeemed))];
}
