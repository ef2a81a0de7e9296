import { type BillableUnits, billableUnits } from './billable-units.ts';
import type { OpenedRequest, PlanRefusal } from './plan.ts';
import { refusePlan } from './refuse-plan.ts';

const JOB_TYPES: ReadonlySet<string> = new Set(['', 'lv2v', 'live', 'fixed']);

export type Bill = Extract<BillableUnits, { ok: true }> | PlanRefusal;

/**
 * Rows 15 and 16: the job type is known (`invalid_job_type`) and there is something to bill
 * (`missing_units`), or the session rested for too long (`session_idle`). A session of a
 * time-billed type may come to zero units when no time has passed.
 */
export function billRequest(
  opened: OpenedRequest,
  at: { readonly nowNs: bigint; readonly sessionIdleMaxSec: number },
): Bill {
  const { type, inPixels, state } = opened;
  if (!JOB_TYPES.has(type)) return refusePlan('invalid_job_type');
  const bill = billableUnits({ type, inPixels, lastUpdateNs: state?.lastUpdateNs, ...at });
  if (!bill.ok) return refusePlan(bill.code);
  const isTimed = type === 'lv2v' || type === 'live';
  return bill.units > 0n || isTimed ? bill : refusePlan('missing_units');
}
