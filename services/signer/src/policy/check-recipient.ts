import type { PaymentPlan, PlanRefusal } from '../payments/plan.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import type { LookUpRecipient, RecipientFacts } from './recipient.ts';

/** Whom tickets may be made out to. */
export type RecipientRules = {
  /** Only transcoders of the BondingManager. */
  readonly mustBeRegistered: boolean;
  /** Only the very account that the orchestrator introduces itself with. */
  readonly mustBeOrchestrator: boolean;
  /** Only where the URL that is paid for has the host of a service URI in a registry. */
  readonly mustServeThere: boolean;
};

/**
 * Checks what needs no chain: `policy_recipient_mismatch`.
 */
export function checkOwnRecipient(
  rules: RecipientRules,
  plan: PaymentPlan,
): PlanRefusal | undefined {
  const { address } = plan.opened.info;
  if (!rules.mustBeOrchestrator || recipientOf(plan) === address) return undefined;
  return refusePlan('policy_recipient_mismatch');
}

/**
 * Checks what the chain says of the recipient. A recipient may be looked up in advance: a promise
 * comes only where the chain has to be asked.
 *
 * Codes: policy_recipient_unregistered, policy_service_uri, policy_recipient_unknown (503, the
 * chain cannot be asked).
 */
export function checkRecipient(
  deps: { readonly lookUp: LookUpRecipient },
  rules: RecipientRules,
  plan: PaymentPlan,
): PlanRefusal | undefined | Promise<PlanRefusal | undefined> {
  const { mustBeRegistered, mustServeThere } = rules;
  if (!mustBeRegistered && !mustServeThere) return undefined;
  const recipient = recipientOf(plan);
  const { address, transcoder } = plan.opened.info;
  const judge = (facts: readonly (RecipientFacts | undefined)[]) =>
    judgeFacts(rules, facts, transcoder);
  // With a wallet apart from the recipient's, the node may have registered its URI under either.
  const others = mustServeThere && address !== recipient ? [address] : [];
  const found = [recipient, ...others].map((one) => deps.lookUp(one));
  const isThere = (one: (typeof found)[number]): one is RecipientFacts | undefined =>
    !(one instanceof Promise);
  return found.every(isThere) ? judge(found) : Promise.all(found).then(judge);
}

function judgeFacts(
  rules: RecipientRules,
  facts: readonly (RecipientFacts | undefined)[],
  transcoder: string,
): PlanRefusal | undefined {
  const [own] = facts;
  const isKnown = facts.every((one) => one !== undefined);
  if (own === undefined || !isKnown) return refusePlan('policy_recipient_unknown');
  if (rules.mustBeRegistered && !own.isRegistered) {
    return refusePlan('policy_recipient_unregistered');
  }
  if (!rules.mustServeThere) return undefined;
  const host = hostOf(transcoder);
  const hosts = facts.flatMap((one) => one?.serviceUris ?? []).map(hostOf);
  return host !== undefined && hosts.includes(host) ? undefined : refusePlan('policy_service_uri');
}

function recipientOf({ tickets }: PaymentPlan): string {
  return `0x${Buffer.from(tickets.recipient).toString('hex')}`;
}

/** The name without its port, which nodes behind one name may differ in. */
function hostOf(text: string): string | undefined {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  return url?.hostname ? url.hostname : undefined;
}
