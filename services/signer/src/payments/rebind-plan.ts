import { buildPlan } from './build-plan.ts';
import type { PaymentPlan, PlanOutcome, SessionPolicy } from './plan.ts';

/**
 * The same payment at the same moment, of a session that belongs to `authId`: only the state's
 * AuthID differs.
 */
export function rebindPlan(
  deps: { readonly policy: SessionPolicy },
  plan: PaymentPlan,
  authId: string,
): PlanOutcome {
  if (plan.opened.authId === authId) return { ok: true, plan };
  const { creationRound, creationBlockHash } = plan.tickets;
  const opened = { ...plan.opened, authId };
  return buildPlan(deps, opened, {
    nowNs: plan.rebuild.nowNs,
    creationRound,
    creationBlockHash,
  });
}
