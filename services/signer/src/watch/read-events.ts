import {
  type Address,
  type BlockRef,
  type ChainEventWire,
  CHAIN_LIMITS as MESSAGE_LIMITS,
} from '@clearinghouse/shared';
import { toWord } from '../chain/abi.ts';
import type { CallRpc } from '../chain/call-rpc.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { EVENT_TOPICS } from './broker-events.ts';
import { decodeLogs } from './decode-log.ts';
import { quantityOf } from './quantity-of.ts';
import { readBlock } from './read-blocks.ts';

/** How many blocks are asked for at once: found out, since every provider has its own limit. */
export type BlockRange = {
  blocks: number;
  /** As many were refused lately. */
  refused: number | undefined;
  /** Full ranges that were answered since. */
  answered: number;
};

/** The range to begin with. */
export function wholeRange(rangeMax: number): BlockRange {
  return { blocks: rangeMax, refused: undefined, answered: 0 };
}

export type ReadEventsInput = {
  readonly ticketBroker: string;
  readonly senders: readonly Address[];
  /** The last block that is known already. */
  readonly after: BlockRef;
  /** The last that may be read. */
  readonly upTo: number;
  readonly rangeMax: number;
};

/** All events of our accounts in whole blocks after `after`, up to and with `to`. */
export type ReadEvents = { readonly to: BlockRef; readonly events: readonly ChainEventWire[] };

/**
 * Reads the next blocks' events from one node. When it refuses (too many blocks, too many logs, too
 * long a time, too large an answer: each provider says it differently) it is asked for half as
 * many, down to one block. What was refused is tried again after a while: it may have been the
 * many events there.
 *
 * @throws Error when one block cannot be read, or the chain moved while it was read.
 */
export async function readEvents(
  deps: { readonly rpc: CallRpc; readonly range: BlockRange },
  input: ReadEventsInput,
): Promise<ReadEvents> {
  const { rpc, range } = deps;
  const from = input.after.number + 1;
  for (;;) {
    const last = Math.min(from + range.blocks - 1, input.upTo);
    const blocks = last - from + 1;
    const to = await hashAt(rpc, last);
    if (to === undefined) throw new Error(`the node has no block ${last}`);
    try {
      const events = await askForLogs(rpc, input, { from, last });
      if (blocks === range.blocks) grow(range, input.rangeMax);
      const end = { number: last, hash: to };
      await checkUnmoved(rpc, [input.after, end, ...blocksOf(events)]);
      return { to: end, events };
    } catch (error) {
      if (blocks === 1 || !(error instanceof LogsRefused)) throw error;
      Object.assign(range, { blocks: Math.floor(blocks / 2), refused: blocks, answered: 0 });
    }
  }
}

/** Twice as many the next time, but not what was refused lately. */
function grow(range: BlockRange, rangeMax: number): void {
  range.answered += 1;
  if (range.answered >= CHAIN_LIMITS.refusedRangeAgain) range.refused = undefined;
  const most = range.refused === undefined ? rangeMax : Math.min(rangeMax, range.refused - 1);
  range.blocks = Math.max(1, Math.min(range.blocks * 2, most));
}

/** These blocks are too many for the node, or for a message. */
class LogsRefused extends Error {}

async function askForLogs(
  rpc: CallRpc,
  input: ReadEventsInput,
  { from, last }: { from: number; last: number },
): Promise<ChainEventWire[]> {
  const filter = {
    address: input.ticketBroker,
    fromBlock: quantityOf(from),
    toBlock: quantityOf(last),
    topics: [Object.values(EVENT_TOPICS), input.senders.map((one) => `0x${toWord(one)}`)],
  };
  const raw = await rpc('eth_getLogs', [filter]).catch((cause: unknown) => {
    const fault = cause instanceof Error ? cause.message : 'unknown';
    throw new LogsRefused(`events of blocks ${from} to ${last}: ${fault}`, { cause });
  });
  const events = decodeLogs(raw);
  if (events.length > MESSAGE_LIMITS.eventsMax) throw new LogsRefused('too many events');
  if (events.some(({ block }) => block.number < from || block.number > last)) {
    throw new Error('the node answered logs of other blocks');
  }
  return events;
}

/** After the logs were read: all blocks that they belong to are still on one chain. */
async function checkUnmoved(rpc: CallRpc, refs: readonly BlockRef[]): Promise<void> {
  for (const { number, hash } of refs) {
    if ((await hashAt(rpc, number)) !== hash) throw new Error(`block ${number} is another one`);
  }
}

async function hashAt(rpc: CallRpc, number: number): Promise<string | undefined> {
  return (await readBlock(rpc, number))?.ref.hash;
}

function blocksOf(events: readonly ChainEventWire[]): BlockRef[] {
  return [...new Map(events.map(({ block }) => [`${block.number} ${block.hash}`, block])).values()];
}
