/** Why an operator's command does nothing; stable, for scripts. */
export type FundsRefusalCode =
  /** Not an amount above 0 with its unit. */
  | 'amount_invalid'
  /** The Controller names another TicketBroker than the settings. */
  | 'wrong_contract'
  /** There is no deposit and no reserve. */
  | 'nothing_held'
  /** The funds are unlocking already. */
  | 'already_unlocking'
  /** No unlock was requested. */
  | 'not_unlocking'
  /** The withdraw round has not come. */
  | 'locked'
  /** The account has too little ether for amount and gas. */
  | 'balance_too_low'
  /** Gas costs more than the operator's bound. */
  | 'fee_above_bound'
  /** The call takes more gas than any call of the contract should. */
  | 'gas_above_bound'
  /** The contract would refuse it. */
  | 'would_revert'
  /** The chain has no EIP-1559 fees. */
  | 'chain_unsupported'
  /** A transaction of this account waits already. */
  | 'transaction_pending'
  /** There is nothing to go on with. */
  | 'nothing_pending'
  /** Nobody said yes. */
  | 'not_confirmed'
  /** No node took it. */
  | 'not_sent'
  /** It was sent, and was not mined in time. */
  | 'not_mined'
  /** It was mined and failed. */
  | 'reverted'
  /** Another transaction of the account took its place. */
  | 'displaced';

/** A refusal, with a line for whoever reads it. */
export type FundsRefusal = {
  readonly ok: false;
  readonly code: FundsRefusalCode;
  readonly message: string;
};

/** What a step of a command gives. */
export type FundsOutcome<T> = { readonly ok: true; readonly value: T } | FundsRefusal;

/** Makes a refusal. */
export function refuseFunds(code: FundsRefusalCode, message: string): FundsRefusal {
  return { ok: false, code, message };
}
