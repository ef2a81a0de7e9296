import { hash } from 'node:crypto';
import { type Rebuild, wei } from '@clearinghouse/shared';
import { encodeState } from '../sessions/encode-state.ts';
import type { SessionState } from '../sessions/state.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import { encodePayment } from '../wire/encode-payment.ts';
import { isZero } from '../wire/normalise-bytes.ts';
import { billRequest } from './bill-request.ts';
import { buyTickets, type Purchase } from './buy-tickets.ts';
import type { OpenedRequest, PaymentPlan, PlanMoment, PlanOutcome, SessionPolicy } from './plan.ts';

/**
 * Works a payment out to its last byte from an opened request and three facts of the moment.
 * The same three facts give the same bytes, on any replica. Refuses with the codes of
 * {@link billRequest} and {@link buyTickets}.
 */
export function buildPlan(
  deps: { readonly policy: SessionPolicy },
  opened: OpenedRequest,
  moment: PlanMoment,
): PlanOutcome {
  const { nowNs } = moment;
  const bill = billRequest(opened, {
    nowNs,
    sessionIdleMaxSec: deps.policy.sessionIdleMaxSec,
  });
  if (!bill.ok) return bill;
  const purchase = buyTickets(deps.policy, opened, bill.units);
  if (!purchase.ok) return purchase;
  const tickets = batchOf(opened, purchase, moment);
  const newState = advanceState(opened, purchase, nowNs);
  const newStateBytes = encodeState(newState);
  const unsignedPayment = encodeUnsigned(opened, tickets);
  const { ok: _, pmSessionId, nonceFrom, numTickets, ...money } = purchase;
  const bytes = {
    newStateBytes,
    newStateHash: hash('sha256', newStateBytes, 'hex'),
    unsignedPayment,
    paymentHash: hash('sha256', unsignedPayment, 'hex'),
  };
  const plan: PaymentPlan = {
    opened,
    requestHash: Buffer.from(opened.requestHash).toString('hex'),
    senderAddress: opened.sender,
    stateId: opened.stateId,
    seq: Number(newState.sequenceNumber),
    manifestId: opened.manifestId,
    pmSessionId,
    tickets,
    nonceTo: nonceFrom + numTickets - 1,
    units: bill.units,
    billableMs: bill.billableMs,
    ...money,
    newState,
    ...bytes,
    rebuild: rebuildOf(opened, purchase, { nowNs, tickets, ...bytes }),
  };
  return { ok: true, plan };
}

/** The orchestrator's round and block hash when it gave both, else the signer's own. */
function batchOf(opened: OpenedRequest, purchase: Purchase, moment: PlanMoment): TicketBatch {
  const params = opened.info.ticketParams;
  const isGiven = params.creationRound !== 0n && !isZero(params.creationBlockHash);
  const { creationRound, creationBlockHash } = isGiven ? params : moment;
  return {
    recipient: params.recipient,
    faceValueWei: params.faceValueWei,
    winProb: params.winProb,
    recipientRandHash: params.recipientRandHash,
    creationRound,
    creationBlockHash,
    nonceFrom: purchase.nonceFrom,
    count: purchase.numTickets,
  };
}

function advanceState(opened: OpenedRequest, purchase: Purchase, nowNs: bigint): SessionState {
  const { state } = opened;
  const isAhead = state !== undefined && state.lastUpdateNs > nowNs;
  return {
    stateId: opened.stateId,
    pmSessionId: purchase.pmSessionId,
    // Never back in time: a replica whose clock is behind would make the next call bill twice.
    lastUpdateNs: isAhead ? state.lastUpdateNs : nowNs,
    orchestratorAddress: opened.info.address,
    app: opened.app,
    // Nobody's cached permission: a go-livepeer signer that gets this state asks its webhook.
    authExpirySec: 0n,
    senderNonce: purchase.nonceFrom + purchase.numTickets - 1,
    balance: purchase.newBalance,
    initialPricePerUnit: purchase.initialPricePerUnit,
    initialPixelsPerUnit: purchase.initialPixelsPerUnit,
    type: opened.type,
    sequenceNumber: state === undefined ? 0n : state.sequenceNumber + 1n,
    authId: opened.authId,
  };
}

function encodeUnsigned({ info, sender }: OpenedRequest, tickets: TicketBatch): Uint8Array {
  return encodePayment({
    sender: Buffer.from(sender.slice(2), 'hex'),
    tickets,
    seed: info.ticketParams.seed,
    expirationBlock: info.ticketParams.expirationBlock,
    expectedPrice: info.priceInfo.bytes,
  });
}

function rebuildOf(
  opened: OpenedRequest,
  purchase: Purchase,
  made: {
    readonly nowNs: bigint;
    readonly tickets: TicketBatch;
    readonly newStateHash: string;
    readonly paymentHash: string;
  },
): Rebuild {
  return {
    nowNs: made.nowNs,
    creationRound: made.tickets.creationRound,
    creationBlockHash: Buffer.from(made.tickets.creationBlockHash).toString('hex'),
    stateId: opened.stateId,
    manifestId: opened.manifestId,
    nonceFrom: purchase.nonceFrom,
    numTickets: purchase.numTickets,
    feeWei: wei(purchase.feeWei),
    newBalance: purchase.newBalance,
    initialPricePerUnit: purchase.initialPricePerUnit.toString(),
    initialPixelsPerUnit: purchase.initialPixelsPerUnit.toString(),
    newStateHash: made.newStateHash,
    paymentHash: made.paymentHash,
  };
}
