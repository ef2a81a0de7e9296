import type { Address } from '@clearinghouse/shared';
import { Signature, Transaction } from 'ethers';

/** What an operator may have the TicketBroker do, and nothing else. Amounts in wei. */
export type BrokerCall =
  | { readonly name: 'fundDeposit'; readonly depositWei: bigint }
  | { readonly name: 'fundReserve'; readonly reserveWei: bigint }
  | {
      readonly name: 'fundDepositAndReserve';
      readonly depositWei: bigint;
      readonly reserveWei: bigint;
    }
  | { readonly name: 'unlock' }
  | { readonly name: 'cancelUnlock' }
  | { readonly name: 'withdraw' };

/** Where transactions may go: told to a custody when it is opened, by nobody later. */
export type TransactionTerms = { readonly chainId: bigint; readonly ticketBroker: Address };

/** An EIP-1559 transaction to the TicketBroker. Fees in wei per unit of gas. */
export type BrokerTransaction = TransactionTerms & {
  readonly call: BrokerCall;
  readonly nonce: number;
  readonly gas: bigint;
  readonly maxFeeWei: bigint;
  readonly maxPriorityFeeWei: bigint;
};

const SELECTORS: Readonly<Record<BrokerCall['name'], string>> = {
  fundDeposit: '0x6caa736b',
  fundReserve: '0x6f9c3c8f',
  fundDepositAndReserve: '0x511f4073',
  unlock: '0xa69df4b5',
  cancelUnlock: '0xc2c4c2c8',
  withdraw: '0x3ccfd60b',
};

/** What a call says to the contract, and what ether goes with it. */
export function callData(call: BrokerCall): { readonly data: string; readonly valueWei: bigint } {
  const selector = SELECTORS[call.name];
  switch (call.name) {
    case 'fundDeposit':
      return { data: selector, valueWei: call.depositWei };
    case 'fundReserve':
      return { data: selector, valueWei: call.reserveWei };
    case 'fundDepositAndReserve': {
      const words = [call.depositWei, call.reserveWei].map(toWord).join('');
      return { data: `${selector}${words}`, valueWei: call.depositWei + call.reserveWei };
    }
    default:
      return { data: selector, valueWei: 0n };
  }
}

/**
 * The bytes whose keccak256 is signed.
 *
 * @throws RangeError for another chain or contract than the custody was opened for.
 */
export function unsignedTransaction(
  terms: TransactionTerms | undefined,
  transaction: BrokerTransaction,
): Uint8Array {
  const { chainId, ticketBroker } = transaction;
  if (terms === undefined) throw new RangeError('this custody signs no transactions');
  if (chainId !== terms.chainId || ticketBroker !== terms.ticketBroker) {
    throw new RangeError('a transaction to another place');
  }
  return Buffer.from(build(transaction).unsignedSerialized.slice(2), 'hex');
}

/** The signed transaction as a node takes it, and its hash. */
export function signedTransaction(
  transaction: BrokerTransaction,
  signature: Uint8Array,
): { readonly raw: string; readonly hash: string } {
  const whole = build(transaction);
  whole.signature = Signature.from(`0x${Buffer.from(signature).toString('hex')}`);
  return { raw: whole.serialized, hash: whole.hash ?? '' };
}

function build(transaction: BrokerTransaction): Transaction {
  const { data, valueWei } = callData(transaction.call);
  return Transaction.from({
    type: 2,
    chainId: transaction.chainId,
    nonce: transaction.nonce,
    gasLimit: transaction.gas,
    maxFeePerGas: transaction.maxFeeWei,
    maxPriorityFeePerGas: transaction.maxPriorityFeeWei,
    to: transaction.ticketBroker,
    value: valueWei,
    data,
  });
}

function toWord(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}
