import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, addressField, weiField } from '@clearinghouse/shared';
import { z } from 'zod';
import type { BrokerCall, BrokerTransaction } from '../custody/transaction.ts';

/** A transaction under way: what it says, and every attempt at it. */
export type Sent = {
  readonly address: Address;
  /** Of the last attempt; the others differ in their fees only. */
  readonly transaction: BrokerTransaction;
  /** Of all attempts: any of them may be mined. */
  readonly hashes: readonly string[];
};

const callSchema: z.ZodType<BrokerCall, unknown> = z.discriminatedUnion('name', [
  z.object({ name: z.literal('fundDeposit'), depositWei: weiField }),
  z.object({ name: z.literal('fundReserve'), reserveWei: weiField }),
  z.object({
    name: z.literal('fundDepositAndReserve'),
    depositWei: weiField,
    reserveWei: weiField,
  }),
  z.object({ name: z.literal('unlock') }),
  z.object({ name: z.literal('cancelUnlock') }),
  z.object({ name: z.literal('withdraw') }),
]);
const sentSchema = z.object({
  address: addressField,
  transaction: z.object({
    chainId: weiField,
    ticketBroker: addressField,
    call: callSchema,
    nonce: z.number().int().min(0),
    gas: weiField,
    maxFeeWei: weiField,
    maxPriorityFeeWei: weiField,
  }),
  hashes: z.array(z.string().regex(/^0x[0-9a-f]{64}$/)).min(1),
});

/**
 * Notes down a transaction before it is sent, so that a command that was killed can be gone on
 * with, and no second one takes its nonce.
 *
 * @param how `first` fails when there is one already.
 * @returns whether it was written.
 */
export async function keepSent(
  folder: string,
  sent: Sent,
  how: 'first' | 'again',
): Promise<boolean> {
  const path = pathOf(folder, sent.address);
  const text = `${JSON.stringify(sent, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`;
  if (how === 'first') {
    try {
      await writeFile(path, text, { flag: 'wx', mode: 0o600, flush: true });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 'EEXIST') return false;
      throw error;
    }
  }
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  return true;
}

/**
 * Reads what is under way; absent: nothing.
 *
 * @throws Error for a file that cannot be understood.
 */
export async function readSent(folder: string, address: Address): Promise<Sent | undefined> {
  const path = pathOf(folder, address);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return sentSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} cannot be read; see to the account's transactions, then delete it`, {
      cause,
    });
  }
}

/** Nothing is under way any more. */
export async function forgetSent(folder: string, address: Address): Promise<void> {
  await rm(pathOf(folder, address), { force: true });
}

/** In the root of the journal's volume, beside the stop file; replicas look at folders only. */
function pathOf(folder: string, address: Address): string {
  return join(folder, `TRANSACTION-${address}.json`);
}
