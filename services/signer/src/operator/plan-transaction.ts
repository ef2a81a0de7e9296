import type { Address } from '@clearinghouse/shared';
import { toUtf8String } from 'ethers';
import { z } from 'zod';
import { type CallRpc, NoResult, RpcRefusal } from '../chain/call-rpc.ts';
import { type BrokerCall, type BrokerTransaction, callData } from '../custody/transaction.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { formatEther, formatGwei } from './amount.ts';
import { checkCall, consequencesOf } from './check-call.ts';
import { type Funds, parseQuantity, readFunds } from './read-funds.ts';
import { type FundsOutcome, refuseFunds } from './refusal.ts';

/** A transaction as it would be sent, with what is shown before it is. */
export type Plan = {
  readonly transaction: BrokerTransaction;
  readonly funds: Funds;
  readonly consequences: readonly string[];
};

export type PlanInput = {
  readonly address: Address;
  readonly call: BrokerCall;
  readonly controllerAddress: string;
  /** The only contract that transactions go to; absent: the one that the Controller names. */
  readonly ticketBroker: Address | undefined;
  readonly chainId: bigint | undefined;
  /** Nothing is paid for gas above this, in wei per unit. */
  readonly maxFeeWei: bigint;
};

/** What gas costs now, in wei per unit. */
export type Fees = { readonly baseFeeWei: bigint; readonly tipWei: bigint };

const REVERT_REASON = '0x08c379a0';
const feesSchema = z.object({ baseFeePerGas: z.string() });

/**
 * Works out the transaction of a call: what it costs, and whether the contract would take it.
 * Signs and sends nothing.
 *
 * @throws Error when the node cannot be read, or is on another chain.
 */
export async function planTransaction(rpc: CallRpc, input: PlanInput): Promise<FundsOutcome<Plan>> {
  const { address, call, controllerAddress } = input;
  const chainId = parseQuantity(await rpc('eth_chainId', []));
  if (input.chainId !== undefined && chainId !== input.chainId) {
    throw new Error(`the node is on chain ${chainId}, not ${input.chainId}`);
  }
  const funds = await readFunds(rpc, { controllerAddress, address });
  const { ticketBroker } = funds;
  if (input.ticketBroker !== undefined && ticketBroker !== input.ticketBroker) {
    return refuseFunds('wrong_contract', `the Controller names ${ticketBroker}`);
  }
  const refusal = checkCall(funds, call);
  if (refusal) return refusal;
  const nonce = await nextNonce(rpc, address);
  if (!nonce.ok) return nonce;
  const { data, valueWei } = callData(call);
  if (funds.walletWei < valueWei) return tooLittle(funds, valueWei);
  const gas = await estimate(rpc, { from: address, to: ticketBroker, data, valueWei });
  if (!gas.ok) return gas;
  const fees = await readFees(rpc);
  if (fees === undefined) return refuseFunds('chain_unsupported', 'it has no EIP-1559 fees');
  const chosen = chooseFees(fees, input.maxFeeWei);
  if (chosen === undefined) {
    const now = formatGwei(fees.baseFeeWei + fees.tipWei);
    return refuseFunds('fee_above_bound', `gas costs ${now}, the bound is lower: --max-fee-gwei`);
  }
  const needed = valueWei + gas.value * chosen.maxFeeWei;
  if (funds.walletWei < needed) return tooLittle(funds, needed);
  const place = { chainId, ticketBroker, call, nonce: nonce.value, gas: gas.value };
  return {
    ok: true,
    value: {
      transaction: { ...place, ...chosen },
      funds,
      consequences: consequencesOf(funds, call),
    },
  };
}

function tooLittle(funds: Funds, neededWei: bigint) {
  const message = `the account has ${formatEther(funds.walletWei)}; ${formatEther(neededWei)} needed`;
  return refuseFunds('balance_too_low', message);
}

async function nextNonce(rpc: CallRpc, address: Address): Promise<FundsOutcome<number>> {
  const count = async (tag: string) =>
    Number(parseQuantity(await rpc('eth_getTransactionCount', [address, tag])));
  const [mined, pending] = await Promise.all([count('latest'), count('pending')]);
  if (pending <= mined) return { ok: true, value: mined };
  return refuseFunds(
    'transaction_pending',
    `transaction ${mined} of this account waits and was not sent from here: see to it first`,
  );
}

async function estimate(
  rpc: CallRpc,
  what: { from: string; to: string; data: string; valueWei: bigint },
): Promise<FundsOutcome<bigint>> {
  const { from, to, data, valueWei } = what;
  const value = `0x${valueWei.toString(16)}`;
  try {
    const estimated = parseQuantity(await rpc('eth_estimateGas', [{ from, to, data, value }]));
    // The state may be another when it is mined, and Arbitrum's share for the chain below moves.
    const gas = (estimated * 5n) / 4n;
    if (gas <= CHAIN_LIMITS.transactionGasMax) return { ok: true, value: gas };
    return refuseFunds('gas_above_bound', `the node estimates ${estimated}`);
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error;
    return refuseFunds('would_revert', reasonOf(error.revertData) ?? 'the node gave no reason');
  }
}

/** The contract's own words, which are no node's. */
function reasonOf(revertData: string | undefined): string | undefined {
  if (!revertData?.startsWith(REVERT_REASON)) return undefined;
  const length = Number.parseInt(revertData.slice(74, 138), 16);
  const hex = revertData.slice(138, 138 + length * 2);
  try {
    return toUtf8String(`0x${hex}`).replace(/[^\x20-\x7e]/g, '?');
  } catch {
    return undefined;
  }
}

/** Reads what gas costs; absent on a chain without a base fee. */
export async function readFees(rpc: CallRpc): Promise<Fees | undefined> {
  const block = feesSchema.safeParse(await rpc('eth_getBlockByNumber', ['latest', false]));
  if (!block.success) return undefined;
  const tip = await rpc('eth_maxPriorityFeePerGas', []).catch((error: unknown) => {
    if (error instanceof RpcRefusal || error instanceof NoResult) return '0x0';
    throw error;
  });
  return { baseFeeWei: parseQuantity(block.data.baseFeePerGas), tipWei: parseQuantity(tip) };
}

/** Fees that last while the base fee doubles, within the bound; absent when it is above it. */
export function chooseFees(
  { baseFeeWei, tipWei }: Fees,
  boundWei: bigint,
): { readonly maxFeeWei: bigint; readonly maxPriorityFeeWei: bigint } | undefined {
  if (baseFeeWei + tipWei > boundWei) return undefined;
  const lasting = 2n * baseFeeWei + tipWei;
  return { maxFeeWei: lasting < boundWei ? lasting : boundWei, maxPriorityFeeWei: tipWei };
}

/** A quarter above the last attempt, more than any node asks, and not below what gas costs now. */
export function raiseFees(
  last: { readonly maxFeeWei: bigint; readonly maxPriorityFeeWei: bigint },
  fees: Fees,
  boundWei: bigint,
): { readonly maxFeeWei: bigint; readonly maxPriorityFeeWei: bigint } | undefined {
  const raise = (wei: bigint) => (wei * 5n) / 4n + 1n;
  const most = (one: bigint, other: bigint) => (one > other ? one : other);
  const maxPriorityFeeWei = most(raise(last.maxPriorityFeeWei), fees.tipWei);
  const now = chooseFees({ ...fees, tipWei: maxPriorityFeeWei }, boundWei);
  const maxFeeWei = most(raise(last.maxFeeWei), now?.maxFeeWei ?? 0n);
  return maxFeeWei > boundWei ? undefined : { maxFeeWei, maxPriorityFeeWei };
}
