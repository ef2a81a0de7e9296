import type { ErrorCode, Logger } from '@clearinghouse/shared';
import type { PaymentPlan, PlanRefusal } from '../payments/plan.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import { checkBounds, type TicketBounds } from './check-bounds.ts';
import { checkOwnRecipient, checkRecipient, type RecipientRules } from './check-recipient.ts';
import type { Spending } from './count-spending.ts';
import type { LookUpRecipient } from './recipient.ts';

/** The operator's rules for what is signed, beside go-livepeer's. */
export type SigningRules = {
  readonly bounds: TicketBounds;
  readonly recipients: RecipientRules;
  /** Expected value that one recipient may be given in an hour by this process. */
  readonly recipientHourMaxWei: bigint | undefined;
  /** Everything passes, and what would have been refused is told. */
  readonly isDryRun: boolean;
};

/** A payment that may be signed. */
export type Allowed = {
  readonly ok: true;
  /** Its tickets are given out: they count for good. */
  readonly spend: () => void;
  /** Gives back what was counted for it, unless it was spent. */
  readonly end: () => void;
};

/** Judges a payment that was worked out, before its money is held; a promise asks the chain. */
export type EnforcePolicy = (
  plan: PaymentPlan,
) => Allowed | PlanRefusal | Promise<Allowed | PlanRefusal>;

export type EnforcePolicyDeps = {
  readonly lookUp: LookUpRecipient;
  readonly spending: Spending;
  readonly count: (refusal: { readonly code: ErrorCode; readonly isDryRun: boolean }) => void;
  readonly log: Logger;
};

const FREE: Allowed = { ok: true, spend: () => undefined, end: () => undefined };

/**
 * Makes the judge. Codes: those of `checkBounds`, `checkOwnRecipient` and `checkRecipient`, and
 * policy_recipient_ev. In a dry run nothing is refused, and nobody waits for the chain.
 */
export function createPolicy(deps: EnforcePolicyDeps, rules: SigningRules): EnforcePolicy {
  const { isDryRun } = rules;
  const tell = (refusal: PlanRefusal, plan: PaymentPlan) => {
    const { code } = refusal;
    deps.count({ code, isDryRun });
    const { transcoder: orchUrl, address: orchAddress } = plan.opened.info;
    const fields = { code, dryRun: isDryRun, orchAddress, orchUrl, authId: plan.opened.authId };
    deps.log.info(fields, isDryRun ? 'policy would refuse' : 'policy refuses');
  };
  const finish = (refusal: PlanRefusal | undefined, plan: PaymentPlan): Allowed | PlanRefusal => {
    const verdict = refusal ?? takeShare(deps, rules, plan);
    if (!verdict.ok) tell(verdict, plan);
    return verdict.ok || !isDryRun ? verdict : FREE;
  };
  return (plan) => {
    const refusal = checkBounds(rules.bounds, plan) ?? checkOwnRecipient(rules.recipients, plan);
    if (refusal) return finish(refusal, plan);
    const asked = checkRecipient(deps, rules.recipients, plan);
    if (!(asked instanceof Promise)) return finish(asked, plan);
    const finished = asked.then((found) => finish(found, plan));
    if (!isDryRun) return finished;
    // What it has counted stays counted: in a dry run that is only told.
    void finished;
    return FREE;
  };
}

function takeShare(
  { spending }: EnforcePolicyDeps,
  { recipientHourMaxWei }: SigningRules,
  plan: PaymentPlan,
): Allowed | PlanRefusal {
  if (recipientHourMaxWei === undefined) return FREE;
  const recipient = Buffer.from(plan.tickets.recipient).toString('hex');
  const { ticketEvWei } = plan;
  const giveBack = spending.take(recipient, ticketEvWei, recipientHourMaxWei);
  if (giveBack === undefined) return refusePlan('policy_recipient_ev');
  let isOpen = true;
  return {
    ok: true,
    spend: () => {
      isOpen = false;
    },
    end: () => {
      if (isOpen) giveBack();
      isOpen = false;
    },
  };
}
