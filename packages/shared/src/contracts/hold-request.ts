import { z } from 'zod';
import {
  addressField,
  CONTRACT_LIMITS,
  countField,
  hash32Field,
  idField,
  int64Field,
  positionField,
  textField,
  tracesField,
  weiField,
} from './fields.ts';
import { principalSchema } from './principal.ts';

/**
 * What a signer needs to make the very same payment again, on another replica, at another
 * time and at another block. Stored with the hold and returned with its grant.
 */
export const rebuildSchema = z.object({
  nowNs: countField,
  creationRound: countField,
  creationBlockHash: hash32Field,
  stateId: idField,
  manifestId: idField,
  nonceFrom: z.number().int().min(1).max(0xffff_ffff),
  numTickets: z.number().int().min(1).max(CONTRACT_LIMITS.ticketsMax),
  feeWei: weiField,
  newBalance: z.string().max(CONTRACT_LIMITS.balanceCharsMax),
  initialPricePerUnit: int64Field,
  initialPixelsPerUnit: int64Field,
  /** SHA-256 of the new state's JSON bytes. */
  newStateHash: hash32Field,
  /** SHA-256 of the net.Payment bytes with every signature left empty. */
  paymentHash: hash32Field,
});

export type Rebuild = z.infer<typeof rebuildSchema>;

/** One payment that asks for money: the complete usage record, written ahead of the signature. */
export const holdItemSchema = z.object({
  /** Increasing per signer process; the journal watermark speaks of it. */
  askNo: positionField,
  senderAddress: addressField,
  stateId: idField,
  /** SequenceNumber of the new state; 0 is a session's first call, made without a state. */
  seq: positionField,
  requestHash: hash32Field,
  principal: principalSchema,
  /** ceil(numTickets x faceValue x winProb / (2^256 - 1)): what the operator is expected to pay. */
  ticketEvWei: weiField,
  /** ceil of the session balance after this payment. */
  sessionCreditWei: weiField,
  faceValueWei: weiField,
  winProb: weiField,
  recipientRandHash: hash32Field,
  nonceTo: z.number().int().min(1).max(0xffff_ffff),
  usage: z.object({
    orchAddress: addressField,
    orchUrl: textField(CONTRACT_LIMITS.urlCharsMax),
    /** go-livepeer's job type: `lv2v`, `live`, `fixed` or empty. */
    jobType: z.enum(['', 'lv2v', 'live', 'fixed']),
    pipeline: textField(CONTRACT_LIMITS.modelCharsMax),
    model: textField(CONTRACT_LIMITS.modelCharsMax),
    /** Pixels, seconds or pieces, as the job type says. */
    units: countField,
    billableMs: countField,
    pricePerUnit: int64Field,
    pixelsPerUnit: int64Field,
  }),
  rebuild: rebuildSchema,
});

export type HoldItem = z.infer<typeof holdItemSchema>;
/** The same before parsing: money as decimal strings, as it stands in the message. */
export type HoldItemWire = z.input<typeof holdItemSchema>;

/** The job of `hold-request`: holds of one signer process, answered one by one. */
export const holdRequestSchema = z.object({
  replicaId: idField,
  items: z.array(z.unknown()).min(1).max(CONTRACT_LIMITS.batchItemsMax),
  traces: tracesField,
});

/** Why billing refuses a hold. */
export const HOLD_REFUSALS = [
  'insufficient_balance',
  'app_cap',
  'user_cap',
  'key_cap',
  'session_credit_limit',
  'suspended',
  'fork_limit',
  'nonce_overlap',
  'replay_stale',
  'fx_stale',
  'invalid_request',
  'amount_out_of_range',
  'unavailable',
] as const;
export type HoldRefusal = (typeof HOLD_REFUSALS)[number];

/** A granted hold. `replayed` means: this payment was granted before; rebuild it, charge nothing. */
export const grantSchema = z.object({
  ok: z.literal(true),
  holdId: z.uuid(),
  forkNo: z.number().int().min(0).max(3),
  replayed: z.boolean(),
  requestHash: hash32Field,
  rebuild: rebuildSchema,
});

export type Grant = z.infer<typeof grantSchema>;
export type GrantWire = z.input<typeof grantSchema>;

/** One answer for each item, in the order of the items. */
export const holdAnswerSchema = z.union([
  grantSchema,
  z.object({ ok: z.literal(false), code: z.enum(HOLD_REFUSALS) }),
]);

export const holdReplySchema = z.object({
  answers: z.array(holdAnswerSchema).max(CONTRACT_LIMITS.batchItemsMax),
});

export type HoldAnswer = z.infer<typeof holdAnswerSchema>;
export type HoldAnswerWire = z.input<typeof holdAnswerSchema>;
