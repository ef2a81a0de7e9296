import { createHash } from 'node:crypto';
import {
  type Address,
  type BlockRef,
  type ChainEventWire,
  type ChainReply,
  type ChainStepWire,
  chainRequestSchema,
  createLog,
} from '@clearinghouse/shared';
import type { ChainRules } from '../chain/chain-rules.ts';
import { takeChainStep } from '../chain/take-step.ts';
import type { Books } from './open-books.ts';

/** A chain that a test makes up block by block; `branch` is one of several histories of it. */
export type TestChain = {
  readonly chain: string;
  readonly block: (number: number, branch?: string) => BlockRef;
  readonly step: (step: ChainStepWire) => Promise<ChainReply>;
  /** What was counted of redemptions. */
  readonly counted: string[];
};

export const CHAIN_SENDER = `0x${'5e'.repeat(20)}` as Address;
export const RECIPIENT = `0x${'0c'.repeat(20)}` as Address;
const NO_RULES: ChainRules = { adoptedAtRound: undefined, coSignerWeiPerRound: new Map() };

/** Makes one in these books. */
export function makeTestChain(
  books: Pick<Books, 'sql' | 'accountIds'>,
  chain: string,
  rules: Partial<ChainRules> = {},
): TestChain {
  const counted: string[] = [];
  const deps = {
    sql: books.sql,
    accountIds: books.accountIds,
    rules: { ...NO_RULES, ...rules },
    log: createLog({ service: 'test', level: 'silent' }),
    countRedemption: (kind: string) => void counted.push(kind),
  };
  return {
    chain,
    counted,
    block: (number, branch = 'main') => ({
      number,
      hash: createHash('sha256').update(`${chain} ${branch} ${number}`).digest('hex'),
    }),
    step: (step) =>
      takeChainStep(
        deps,
        chainRequestSchema.parse({
          chain,
          chainId: chain.split('-')[0] ?? '',
          ticketBroker: `0x${'b0'.repeat(20)}`,
          step,
        }),
      ),
  };
}

/** What the contract has of the test's sender. */
export function funds(depositWei: bigint, reserveWei: bigint, round = 10n) {
  return {
    sender: CHAIN_SENDER,
    depositWei: depositWei.toString(),
    reserveWei: reserveWei.toString(),
    withdrawRound: '0',
    lastInitializedRound: round.toString(),
  };
}

let lastTransaction = 0;

/** A transaction hash that no other event has. */
export function freshTransaction(): string {
  lastTransaction += 1;
  return lastTransaction.toString(16).padStart(64, '0');
}

/** The two events of a redeemed ticket, as the contract logs them. */
export function redemptionEvents(
  block: BlockRef,
  ticket: {
    readonly faceValueWei: bigint;
    readonly winProb: string;
    readonly senderNonce: number;
    readonly recipientRandHash: string;
    readonly round: bigint;
    readonly roundHash: string;
    readonly paidWei: bigint;
    readonly recipient?: Address;
    readonly logIndex?: number;
    readonly transactionHash?: string;
  },
): ChainEventWire[] {
  const recipient = ticket.recipient ?? RECIPIENT;
  const transactionHash = ticket.transactionHash ?? freshTransaction();
  const place = { block, transactionHash, sender: CHAIN_SENDER, recipient };
  const logIndex = ticket.logIndex ?? 0;
  return [
    {
      name: 'WinningTicketTransfer',
      ...place,
      logIndex,
      amountWei: ticket.paidWei.toString(),
    },
    {
      name: 'WinningTicketRedeemed',
      ...place,
      logIndex: logIndex + 1,
      faceValueWei: ticket.faceValueWei.toString(),
      winProb: ticket.winProb,
      senderNonce: String(ticket.senderNonce),
      recipientRandHash: ticket.recipientRandHash,
      creation: { round: ticket.round.toString(), blockHash: ticket.roundHash },
    },
  ];
}
