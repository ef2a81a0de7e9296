import type { Address } from '@clearinghouse/shared';
import { id, Transaction, Wallet } from 'ethers';
import { describe, expect, it } from 'vitest';
import { takeCustody } from '../keystore/custody.ts';
import {
  type BrokerCall,
  type BrokerTransaction,
  callData,
  signedTransaction,
} from './transaction.ts';

const KEY = '11'.repeat(32);
const TERMS = { chainId: 42_161n, ticketBroker: `0x${'b0'.repeat(20)}` as Address };
const TRANSACTION: BrokerTransaction = {
  ...TERMS,
  call: { name: 'fundDepositAndReserve', depositWei: 5n, reserveWei: 6n },
  nonce: 3,
  gas: 100_000n,
  maxFeeWei: 2_000_000_000n,
  maxPriorityFeeWei: 1n,
};
const open = (terms?: typeof TERMS) => takeCustody(Buffer.from(KEY, 'hex'), terms);

describe('transactions to the TicketBroker', () => {
  it.each<[BrokerCall, string, bigint]>([
    [{ name: 'fundDeposit', depositWei: 5n }, 'fundDeposit()', 5n],
    [{ name: 'fundReserve', reserveWei: 6n }, 'fundReserve()', 6n],
    [TRANSACTION.call, 'fundDepositAndReserve(uint256,uint256)', 11n],
    [{ name: 'unlock' }, 'unlock()', 0n],
    [{ name: 'cancelUnlock' }, 'cancelUnlock()', 0n],
    [{ name: 'withdraw' }, 'withdraw()', 0n],
  ])('%o calls %s', (call, signature, valueWei) => {
    const made = callData(call);
    expect(made.data.slice(0, 10)).toBe(id(signature).slice(0, 10));
    expect(made.valueWei).toBe(valueWei);
  });

  it('are signed as ethers signs them', async () => {
    const { raw, hash } = signedTransaction(TRANSACTION, open(TERMS).signTransaction(TRANSACTION));
    const parsed = Transaction.from(raw);
    expect(parsed.from).toBe(new Wallet(KEY).address);
    expect(parsed.hash).toBe(hash);
    const unsigned = { ...parsed.toJSON(), type: 2, sig: null, from: undefined, hash: undefined };
    expect(await new Wallet(KEY).signTransaction(unsigned)).toBe(raw);
  });
});

describe('what a custody was not opened for is not signed', () => {
  it.each<[string, typeof TERMS | undefined, Partial<BrokerTransaction>]>([
    ['any, where nobody named a contract', undefined, {}],
    ['to another contract', TERMS, { ticketBroker: `0x${'b1'.repeat(20)}` as Address }],
    ['on another chain', TERMS, { chainId: 1n }],
  ])('%s', (_what, terms, change) => {
    expect(() => open(terms).signTransaction({ ...TRANSACTION, ...change })).toThrow(RangeError);
  });
});
