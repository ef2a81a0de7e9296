import type { Rebuild } from '@clearinghouse/shared';
import { buildPlan } from './build-plan.ts';
import type { PaymentPlan, PlanOutcome, SessionPolicy } from './plan.ts';
import { refusePlan } from './refuse-plan.ts';

/**
 * The payment that was planned before for the same request, perhaps by another replica, at
 * another time and another block: `plan` is what this replica worked out now, `rebuild` what
 * the hold has stored. Everything is worked out again from the stored moment and compared, so
 * the record can choose nothing but time and round; any difference is `replay_mismatch`.
 */
export function rebuildPlan(
  deps: { readonly policy: SessionPolicy },
  plan: PaymentPlan,
  rebuild: Rebuild,
): PlanOutcome {
  if (isSame(plan.rebuild, rebuild)) return { ok: true, plan };
  const built = buildPlan(deps, plan.opened, {
    nowNs: rebuild.nowNs,
    creationRound: rebuild.creationRound,
    creationBlockHash: Buffer.from(rebuild.creationBlockHash, 'hex'),
  });
  if (!built.ok) return refusePlan('replay_mismatch');
  return isSame(built.plan.rebuild, rebuild) ? built : refusePlan('replay_mismatch');
}

function isSame(a: Rebuild, b: Rebuild): boolean {
  return (
    a.paymentHash === b.paymentHash &&
    a.newStateHash === b.newStateHash &&
    a.nowNs === b.nowNs &&
    a.creationRound === b.creationRound &&
    a.creationBlockHash === b.creationBlockHash &&
    a.stateId === b.stateId &&
    a.manifestId === b.manifestId &&
    a.nonceFrom === b.nonceFrom &&
    a.numTickets === b.numTickets &&
    a.feeWei === b.feeWei &&
    a.newBalance === b.newBalance &&
    a.initialPricePerUnit === b.initialPricePerUnit &&
    a.initialPixelsPerUnit === b.initialPixelsPerUnit
  );
}
