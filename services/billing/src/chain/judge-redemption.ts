import type { Address } from '@clearinghouse/shared';
import { HOLD_STATE, type HoldState } from '../holds/hold.ts';
import type { RedemptionKind } from './chain-account.ts';
import { hashTickets } from './hash-tickets.ts';

/** A redeemed ticket as the chain told it. */
export type Redemption = {
  readonly sender: Address;
  readonly recipient: Address;
  readonly faceValueWei: bigint;
  readonly winProb: bigint;
  readonly senderNonce: bigint;
  readonly recipientRandHash: string;
  readonly creation: { readonly round: bigint; readonly blockHash: string } | undefined;
  readonly paidWei: bigint;
};

/** A hold with the ticket's sender and recipientRandHash, whose nonces hold the ticket's. */
export type CandidateHold = {
  readonly id: string;
  readonly state: HoldState;
  readonly faceValueWei: bigint;
  readonly winProb: bigint;
  readonly creationRound: bigint;
  readonly creationBlockHash: string;
  readonly nonceFrom: number;
  readonly nonceTo: number;
  /** Of what was signed; known when the hold is settled. */
  readonly ticketsHash: string | undefined;
};

export type RedemptionContext = {
  readonly candidates: readonly CandidateHold[];
  readonly adoptedAtRound: bigint;
  /** What this co-signer may have redeemed of the ticket's round, and has already. */
  readonly coSigner: { readonly boundWei: bigint; readonly redeemedWei: bigint } | undefined;
};

export type Judgement = { readonly kind: RedemptionKind; readonly holdId?: string };

/**
 * Says who signed a redeemed ticket. Ours is only the very ticket: face value, win probability,
 * round, nonce and recipient are all in its hash, which is compared with what the signer settled.
 * (Whoever knows the key and a revealed recipientRand can make a ticket that differs from ours in
 * nothing but the recipient.)
 */
export function judgeRedemption(ticket: Redemption, context: RedemptionContext): Judgement {
  const { creation } = ticket;
  if (creation === undefined) return { kind: 'unknown' };
  const alike = context.candidates.filter(
    (hold) =>
      hold.faceValueWei === ticket.faceValueWei &&
      hold.winProb === ticket.winProb &&
      hold.creationRound === creation.round &&
      hold.creationBlockHash === creation.blockHash,
  );
  const signed = alike.find((hold) => hold.ticketsHash === hashOf(ticket, hold));
  if (signed) return { kind: 'signed', holdId: signed.id };
  const undecided = alike.find(({ state }) => isUndecided(state));
  if (undecided) return { kind: 'unsettled', holdId: undecided.id };
  if (creation.round < context.adoptedAtRound) return { kind: 'pre_adoption' };
  const { coSigner } = context;
  const isWithin = coSigner && coSigner.redeemedWei + ticket.paidWei <= coSigner.boundWei;
  return { kind: isWithin ? 'co_signer' : 'unknown' };
}

/** May have been signed, and its settlement is on its way. */
function isUndecided(state: HoldState): boolean {
  return state === HOLD_STATE.open || state === HOLD_STATE.disputed;
}

function hashOf(ticket: Redemption, hold: CandidateHold): string {
  const { sender, recipient, recipientRandHash } = ticket;
  return hashTickets({ ...hold, sender, recipient, recipientRandHash });
}
