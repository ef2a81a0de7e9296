import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonRpcProvider, TransactionReceipt, Wallet } from 'ethers';
import { DEVNET_LIMITS } from '../limits.ts';

/** One transaction; the nonce is the sender's next. */
export type Outgoing = {
  readonly to?: string;
  readonly data: string;
  readonly valueWei?: bigint;
  readonly gas: bigint;
};

/**
 * Sends transactions of one account in order and sees that they are mined, whether the chain
 * mines by itself, by the clock, or not at all.
 *
 * @throws Error naming the one that reverted.
 */
export async function sendAll(
  provider: JsonRpcProvider,
  wallet: Wallet,
  transactions: readonly Outgoing[],
): Promise<TransactionReceipt[]> {
  const sender = wallet.connect(provider);
  const firstNonce = await provider.getTransactionCount(wallet.address, 'pending');
  const hashes: string[] = [];
  for (const [index, { to, data, valueWei, gas }] of transactions.entries()) {
    const sent = await sender.sendTransaction({
      ...(to === undefined ? {} : { to }),
      data,
      value: valueWei ?? 0n,
      gasLimit: gas,
      nonce: firstNonce + index,
    });
    hashes.push(sent.hash);
  }
  const receipts: TransactionReceipt[] = [];
  for (const hash of hashes) receipts.push(await waitForReceipt(provider, hash));
  const reverted = receipts.findIndex(({ status }) => status !== 1);
  if (reverted >= 0) throw new Error(`transaction ${reverted} of ${hashes.length} reverted`);
  return receipts;
}

async function waitForReceipt(
  provider: JsonRpcProvider,
  hash: string,
): Promise<TransactionReceipt> {
  const until = Date.now() + DEVNET_LIMITS.receiptMs;
  while (Date.now() < until) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt) return receipt;
    await provider.send('evm_mine', []);
    await sleep(DEVNET_LIMITS.pollMs);
  }
  throw new Error(`transaction ${hash} was not mined`);
}
