import { z } from 'zod';
import { addressField, countField, hash32Field, positionField, weiField } from './fields.ts';

/** Bounds of what the watcher of the chain sends, each with its name. */
export const CHAIN_LIMITS = {
  /** Events of one message; a block is never divided. */
  eventsMax: 2_000,
  sendersMax: 32,
  checkpointsMax: 100,
} as const;

/** One chain among all that ever had its id: `42161-…`. A development chain made anew is another. */
export const chainKeyField = z.string().regex(/^[1-9][0-9]{0,19}-[A-Za-z0-9]{1,40}$/);

/** A block: its number alone says little, since a reorganisation puts another in its place. */
export const blockRefSchema = z.object({ number: positionField, hash: hash32Field });
export type BlockRef = z.infer<typeof blockRefSchema>;

const place = {
  block: blockRefSchema,
  transactionHash: hash32Field,
  logIndex: positionField,
  /** Whose deposit and reserve; the reserve's holder where it is about the reserve. */
  sender: addressField,
};

/** An event of the TicketBroker about one of our accounts. Amounts in wei. */
export const chainEventSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('DepositFunded'), ...place, amountWei: weiField }),
  z.object({ name: z.literal('ReserveFunded'), ...place, amountWei: weiField }),
  z.object({
    name: z.literal('ReserveClaimed'),
    ...place,
    recipient: addressField,
    amountWei: weiField,
  }),
  z.object({
    name: z.literal('WinningTicketTransfer'),
    ...place,
    recipient: addressField,
    amountWei: weiField,
  }),
  z.object({
    name: z.literal('WinningTicketRedeemed'),
    ...place,
    recipient: addressField,
    faceValueWei: weiField,
    /** As a fraction of 2^256 - 1. */
    winProb: weiField,
    senderNonce: weiField,
    /** keccak256 of the recipientRand that the redemption made known. */
    recipientRandHash: hash32Field,
    /** Absent where the ticket's data is not a round and a block hash. */
    creation: z.object({ round: weiField, blockHash: hash32Field }).optional(),
  }),
  z.object({ name: z.literal('Withdrawal'), ...place, depositWei: weiField, reserveWei: weiField }),
  z.object({ name: z.literal('Unlock'), ...place, startRound: weiField, endRound: weiField }),
  z.object({ name: z.literal('UnlockCancelled'), ...place }),
]);
export type ChainEvent = z.output<typeof chainEventSchema>;
/** The same as it travels: amounts are texts. */
export type ChainEventWire = z.input<typeof chainEventSchema>;
export type ChainEventName = ChainEvent['name'];

/** An account's funds as the contract has them at one block. */
export const senderFundsSchema = z.object({
  sender: addressField,
  depositWei: weiField,
  reserveWei: weiField,
  /** 0 while nothing is unlocking. */
  withdrawRound: weiField,
  /** Of the whole protocol, at the same block. */
  lastInitializedRound: weiField,
});
export type SenderFundsAt = z.output<typeof senderFundsSchema>;
export type SenderFundsWire = z.input<typeof senderFundsSchema>;

const funds = z.array(senderFundsSchema).max(CHAIN_LIMITS.sendersMax);
/** The cursor that the signer builds on; billing refuses when its own is another by now. */
const after = blockRefSchema.nullable();

/**
 * What a signer may ask of billing's view of a chain:
 * - `read`: only where it stands.
 * - `open`: begins with these accounts and what they have, at the block of the cursor, or at `at`
 *   where there is none yet.
 * - `advance`: all events of our accounts after the cursor up to the block `to`, whole blocks.
 *   `observed` says what the contract has at that block, where the node still knows.
 * - `rewind`: the chain has other blocks now after `to`; what was stored beyond is undone.
 */
export const chainStepSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('read') }),
  z.object({ kind: z.literal('open'), after, at: blockRefSchema, accounts: funds.min(1) }),
  z.object({
    kind: z.literal('advance'),
    after: blockRefSchema,
    to: blockRefSchema,
    events: z.array(chainEventSchema).max(CHAIN_LIMITS.eventsMax),
    observed: funds,
  }),
  z.object({ kind: z.literal('rewind'), after: blockRefSchema, to: blockRefSchema }),
]);
export type ChainStep = z.output<typeof chainStepSchema>;
export type ChainStepWire = z.input<typeof chainStepSchema>;

/** The job of `chain-events`. */
export const chainRequestSchema = z.object({
  chain: chainKeyField,
  chainId: countField,
  ticketBroker: addressField,
  step: chainStepSchema,
});
export type ChainRequest = z.output<typeof chainRequestSchema>;
export type ChainRequestWire = z.input<typeof chainRequestSchema>;

/**
 * Where billing stands after the step: the acknowledgement. `accepted` is false when another
 * signer was there first, or the step does not fit; then the cursor is what to go on from.
 */
export const chainReplySchema = z.object({
  accepted: z.boolean(),
  cursor: blockRefSchema.nullable(),
  /** Blocks to go back to, newest first; the last of them is where it began. */
  checkpoints: z.array(blockRefSchema).max(CHAIN_LIMITS.checkpointsMax),
  /** Accounts that are followed. */
  senders: z.array(addressField).max(CHAIN_LIMITS.sendersMax),
});
export type ChainReply = z.output<typeof chainReplySchema>;
