import type { ChainEventName, ChainEventWire } from '@clearinghouse/shared';
import { z } from 'zod';
import { wordToAddress, wordToBigInt } from '../chain/abi.ts';
import { keccak256 } from '../tickets/keccak.ts';
import { nameOfTopic } from './broker-events.ts';

const WORD_CHARS = 64;
/** auxData of a ticket: a round and its block hash. */
const AUX_WORDS = 2;
const AUX_BYTES = 64n;
/** Where auxData begins in the data of a redemption: after five words. */
const AUX_AT = 160n;

const hash32 = z.string().regex(/^0x[0-9a-f]{64}$/i);
const quantity = z.string().regex(/^0x[0-9a-f]{1,13}$/i);
const logSchema = z.object({
  topics: z.array(hash32).min(1).max(4),
  data: z.string().regex(/^0x([0-9a-f]{2})*$/i),
  blockNumber: quantity,
  blockHash: hash32,
  transactionHash: hash32,
  logIndex: quantity,
  removed: z.boolean().optional(),
});
const logsSchema = z.array(logSchema);
type Log = z.infer<typeof logSchema>;

/**
 * Parses the answer of `eth_getLogs` for the TicketBroker.
 *
 * @throws Error for what is no such log, and for one whose block went away meanwhile.
 */
export function decodeLogs(raw: unknown): ChainEventWire[] {
  const parsed = logsSchema.safeParse(raw);
  if (!parsed.success) throw new Error('the node answered no logs');
  return parsed.data.map(decodeLog);
}

function decodeLog(log: Log): ChainEventWire {
  if (log.removed) throw new Error('a log was removed while it was read');
  const name = nameOfTopic(log.topics[0]);
  if (name === undefined) throw new Error('a log that was not asked for');
  const place = {
    block: { number: Number(log.blockNumber), hash: bare(log.blockHash) },
    transactionHash: bare(log.transactionHash),
    logIndex: Number(log.logIndex),
    sender: topicAddress(log, 1),
  };
  return { ...place, ...detailOf(name, log) } as ChainEventWire;
}

function detailOf(name: ChainEventName, log: Log): object {
  const words = wordsOf(log.data);
  const amount = (index: number) => {
    if (words[index] === undefined) throw new Error(`${name}: its data is too short`);
    return wordToBigInt(words[index]).toString();
  };
  switch (name) {
    case 'DepositFunded':
    case 'ReserveFunded':
      return { name, amountWei: amount(0) };
    case 'ReserveClaimed':
      return { name, recipient: wordToAddress(words[0]), amountWei: amount(1) };
    case 'WinningTicketTransfer':
      return { name, recipient: topicAddress(log, 2), amountWei: amount(0) };
    case 'Withdrawal':
      return { name, depositWei: amount(0), reserveWei: amount(1) };
    case 'Unlock':
      return { name, startRound: amount(0), endRound: amount(1) };
    case 'UnlockCancelled':
      return { name };
    case 'WinningTicketRedeemed':
      return {
        name,
        recipient: topicAddress(log, 2),
        faceValueWei: amount(0),
        winProb: amount(1),
        senderNonce: amount(2),
        recipientRandHash: hashOf(words[3]),
        ...creationOf(words),
      };
  }
}

/** keccak256 of the recipientRand, as the ticket has it. */
function hashOf(word: string | undefined): string {
  if (word === undefined) throw new Error('WinningTicketRedeemed: its data is too short');
  return Buffer.from(keccak256(Buffer.from(word, 'hex'))).toString('hex');
}

function creationOf(words: readonly string[]): object {
  const [, , , , at, length, round, blockHash] = words;
  const isWhole = words.length === 6 + AUX_WORDS && round !== undefined && blockHash !== undefined;
  if (!isWhole || wordToBigInt(at) !== AUX_AT || wordToBigInt(length) !== AUX_BYTES) return {};
  return { creation: { round: wordToBigInt(round).toString(), blockHash } };
}

function wordsOf(data: string): string[] {
  const hex = data.slice(2).toLowerCase();
  return Array.from({ length: Math.floor(hex.length / WORD_CHARS) }, (_, index) =>
    hex.slice(index * WORD_CHARS, (index + 1) * WORD_CHARS),
  );
}

function topicAddress(log: Log, index: number): string {
  return wordToAddress(log.topics[index]?.slice(2).toLowerCase());
}

function bare(hash: string): string {
  return hash.slice(2).toLowerCase();
}
