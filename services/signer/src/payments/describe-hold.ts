import type { PaymentPlan, PlannedHold } from './plan.ts';

const JOB_TYPES = ['', 'lv2v', 'live', 'fixed'] as const;

/** A plan as the hold item that asks billing for its money; the asker adds who and which ask. */
export function describeHold(plan: PaymentPlan): PlannedHold {
  const { tickets, opened, rebuild } = plan;
  return {
    senderAddress: plan.senderAddress,
    stateId: plan.stateId,
    seq: plan.seq,
    requestHash: plan.requestHash,
    ticketEvWei: plan.ticketEvWei.toString(),
    sessionCreditWei: plan.sessionCreditWei.toString(),
    faceValueWei: tickets.faceValueWei.toString(),
    winProb: tickets.winProb.toString(),
    recipientRandHash: Buffer.from(tickets.recipientRandHash).toString('hex'),
    nonceTo: plan.nonceTo,
    usage: {
      orchAddress: opened.info.address,
      orchUrl: opened.info.transcoder,
      jobType: JOB_TYPES.find((type) => type === opened.type) ?? '',
      pipeline: opened.pipeline,
      model: opened.model,
      units: plan.units.toString(),
      billableMs: plan.billableMs.toString(),
      pricePerUnit: plan.initialPricePerUnit.toString(),
      pixelsPerUnit: plan.initialPixelsPerUnit.toString(),
    },
    rebuild: {
      ...rebuild,
      nowNs: rebuild.nowNs.toString(),
      creationRound: rebuild.creationRound.toString(),
      feeWei: rebuild.feeWei.toString(),
    },
  };
}
