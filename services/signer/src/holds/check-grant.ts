import type { Grant } from '@clearinghouse/shared';
import type { PaymentPlan, PlanOutcome, SessionPolicy } from '../payments/plan.ts';
import { rebuildPlan } from '../payments/rebuild-plan.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import type { SpentGrants } from './spent-grants.ts';

/**
 * Whether a grant is the grant of this payment, and which bytes it grants: those of the plan, or,
 * for a replay, those that the hold has stored, worked out again.
 *
 * A fresh grant must repeat the ask to the letter and may be used once; otherwise nothing is
 * signed. Codes: bad_envelope, replay_mismatch.
 */
export function checkGrant(
  deps: { readonly policy: SessionPolicy; readonly spent: SpentGrants },
  plan: PaymentPlan,
  grant: Grant,
): PlanOutcome {
  if (grant.requestHash !== plan.requestHash) {
    return refusePlan('bad_envelope', 'the grant is another request’s');
  }
  const granted = rebuildPlan(deps, plan, grant.rebuild);
  if (grant.replayed) return granted;
  if (!granted.ok || granted.plan !== plan) {
    return refusePlan('bad_envelope', 'the grant differs from what was asked');
  }
  if (!deps.spent.spend(grant.holdId)) return refusePlan('bad_envelope', 'the grant was used');
  return granted;
}
