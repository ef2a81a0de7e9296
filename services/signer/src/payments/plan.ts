import type { Address, ErrorCode, HoldItemWire, Rebuild } from '@clearinghouse/shared';
import type { SessionState } from '../sessions/state.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import type { OrchestratorInfo } from '../wire/orchestrator-info.ts';
import type { MaxPriceField, PaymentRequest } from '../wire/payment-request.ts';
import type { CapabilityModel, CapabilityPrices } from './capability-ceiling.ts';
import type { Rational } from './rational.ts';

/** What the operator allows; every fraction is exact. */
export type PaymentPolicy = {
  /** Expected value of one ticket. */
  readonly maxTicketEvWei: Rational;
  /** Expected value of one payment's tickets. */
  readonly maxTotalEvWei: Rational;
  /** A ticket's face value may be at most deposit / this. */
  readonly depositMultiplier: bigint;
  /** wei a unit (maxPricePerUnit / pixelsPerUnit); absent means no limit. */
  readonly maxPriceWei: Rational | undefined;
  /** Ceilings of single capabilities and models, before the general one. */
  readonly capabilityPrices: CapabilityPrices;
  readonly sessionIdleMaxSec: number;
  /** Seconds of credit that a time-billed session keeps; 0 is go-livepeer's own rule. */
  readonly sessionReserveSec: number;
  /** Accept states without AuthID: only while a go-livepeer signer shares the key. */
  readonly acceptUnboundState: boolean;
};

/** What of the policy decides what a payment is worked out to. */
export type SessionPolicy = Pick<
  PaymentPolicy,
  'sessionIdleMaxSec' | 'sessionReserveSec' | 'maxTotalEvWei'
>;

/** The chain at one block, as the poller last read it. */
export type ChainSnapshot = {
  readonly l1Block: bigint;
  readonly lastInitializedRound: bigint;
  /** blockHashForRound(lastInitializedRound): 32 bytes. */
  readonly blockHashForRound: Uint8Array;
  /** The active account's funds. */
  readonly sender: SenderFunds;
  /** The other accounts', whose sessions run out. */
  readonly otherSenders?: ReadonlyMap<Address, SenderFunds>;
};

/** What an account has in the TicketBroker. */
export type SenderFunds = {
  readonly depositWei: bigint;
  /** 0 when the deposit is not unlocking. */
  readonly withdrawRound: bigint;
  readonly reserveFundsRemainingWei: bigint;
};

/** Ids of a session's first call: a retry of the same request must get the same ones. */
export type FirstIds = { readonly stateId: string; readonly manifestId: string };

export type PlanDeps = {
  /** The active account. */
  readonly ownAddress: Address;
  readonly policy: PaymentPolicy;
  /** Which account of ours signed these state bytes; absent when none did. */
  readonly stateSender: (stateBytes: Uint8Array, signature: Uint8Array) => Address | undefined;
  readonly deriveFirstIds: (authId: string, requestHash: Uint8Array) => FirstIds;
};

export type PlanInput = {
  readonly request: PaymentRequest;
  /** `{app}:{subject}` of the authenticated caller. */
  readonly authId: string;
  /**
   * Whose session it is shall be said later, by a webhook; until then it is the state's own, and
   * `authId` only tells callers apart.
   */
  readonly isBoundLater?: boolean;
  /** Whose session a first call opens, when the caller chose; else the active account's. */
  readonly newSender?: Address;
  readonly nowNs: bigint;
  /** Absent before the first successful poll: answered `chain_stale`. Its age is the caller's. */
  readonly chain: ChainSnapshot | undefined;
};

/** A refusal as it goes to the client; `detail` (the text behind a masked message) is for logs. */
export type PlanRefusal = {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly detail?: string;
};

/** A request whose parts were read and agree with each other; nothing of it depends on time. */
export type OpenedRequest = {
  readonly authId: string;
  /** Who pays: the account that signed the state, else the one of new sessions. */
  readonly sender: Address;
  readonly type: string;
  readonly app: string;
  readonly inPixels: bigint;
  readonly maxPrice: MaxPriceField | undefined;
  readonly info: OrchestratorInfo & {
    readonly priceInfo: NonNullable<OrchestratorInfo['priceInfo']>;
    readonly ticketParams: NonNullable<OrchestratorInfo['ticketParams']>;
  };
  /** The state as received; absent on a session's first call. */
  readonly state: SessionState | undefined;
  /** SHA-256 of the request's meaning: 32 bytes. */
  readonly requestHash: Uint8Array;
  readonly stateId: string;
  readonly manifestId: string;
  /** What the request's capabilities name, for price ceilings. */
  readonly capabilityModels: readonly CapabilityModel[];
  /** Capabilities as they go into SegData; absent when the request had none. */
  readonly segmentCapabilities: Uint8Array | undefined;
  /** Pipeline and model of the usage record. */
  readonly pipeline: string;
  readonly model: string;
};

/** The three things of a payment that do not come from its request. */
export type PlanMoment = {
  readonly nowNs: bigint;
  /** Used when the ticket params carry no round and hash of their own. */
  readonly creationRound: bigint;
  readonly creationBlockHash: Uint8Array;
};

/** A payment worked out to the last byte, and signed by nobody yet. */
export type PaymentPlan = {
  readonly opened: OpenedRequest;
  /** 64 hex digits. */
  readonly requestHash: string;
  readonly senderAddress: Address;
  readonly stateId: string;
  /** SequenceNumber of the new state; 0 on a session's first call. */
  readonly seq: number;
  readonly manifestId: string;
  readonly pmSessionId: string;
  readonly tickets: TicketBatch;
  readonly nonceTo: number;
  /** Pixels, seconds or pieces, as the type says; 0 when no time has passed. */
  readonly units: bigint;
  readonly billableMs: bigint;
  /** The fee exactly, and rounded up. */
  readonly fee: Rational;
  readonly feeWei: bigint;
  readonly ticketEvWei: bigint;
  readonly sessionCreditWei: bigint;
  readonly newBalance: string;
  readonly initialPricePerUnit: bigint;
  readonly initialPixelsPerUnit: bigint;
  readonly newState: SessionState;
  readonly newStateBytes: Uint8Array;
  /** SHA-256, 64 hex digits. */
  readonly newStateHash: string;
  /** net.Payment with every signature empty, and its SHA-256 in 64 hex digits. */
  readonly unsignedPayment: Uint8Array;
  readonly paymentHash: string;
  /** What the hold stores, so that any replica makes these bytes again. */
  readonly rebuild: Rebuild;
};

export type PlanOutcome = { readonly ok: true; readonly plan: PaymentPlan } | PlanRefusal;

/** A hold item but for what only the asker knows. */
export type PlannedHold = Omit<HoldItemWire, 'askNo' | 'principal'>;
