import { callData } from '../custody/transaction.ts';
import { formatEther, formatGwei } from './amount.ts';
import type { Plan } from './plan-transaction.ts';

const WHAT = {
  fundDeposit: 'add to the deposit',
  fundReserve: 'add to the reserve',
  fundDepositAndReserve: 'add to deposit and reserve',
  unlock: 'request the unlock of deposit and reserve',
  cancelUnlock: 'cancel the unlock',
  withdraw: 'withdraw deposit and reserve',
} as const;

/** The transaction in words, as it is shown before it is sent. */
export function showPlan({ transaction, funds, consequences }: Plan): string {
  const { call, gas, maxFeeWei, maxPriorityFeeWei } = transaction;
  const { data, valueWei } = callData(call);
  const parts =
    call.name === 'fundDepositAndReserve'
      ? [`  deposit  ${formatEther(call.depositWei)}`, `  reserve  ${formatEther(call.reserveWei)}`]
      : [];
  return [
    WHAT[call.name],
    `  account  ${funds.address}, which has ${formatEther(funds.walletWei)}`,
    `  to       ${transaction.ticketBroker} (TicketBroker), chain ${transaction.chainId}`,
    `  sends    ${formatEther(valueWei)}`,
    ...parts,
    `  data     ${data}`,
    `  nonce    ${transaction.nonce}`,
    `  gas      ${gas} at ${formatGwei(maxFeeWei)} at most, tip ${formatGwei(maxPriorityFeeWei)}`,
    `  costs    ${formatEther(gas * maxFeeWei)} for gas at most`,
    ...consequences.map((line) => `  note     ${line}`),
  ].join('\n');
}
