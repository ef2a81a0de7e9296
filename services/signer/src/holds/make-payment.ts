import {
  type Address,
  authIdOf,
  type Clock,
  type HoldItemWire,
  type Principal,
  runStage,
  STAGES,
} from '@clearinghouse/shared';
import type { Chain } from '../chain/follow-chain.ts';
import type { Account } from '../custody/account.ts';
import { CustodyFault } from '../custody/custody-fault.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import { describeHold } from '../payments/describe-hold.ts';
import type { PaymentPlan, PlanDeps, PlanRefusal } from '../payments/plan.ts';
import { planPayment } from '../payments/plan-payment.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import { type SignedPayment, signPlan } from '../payments/sign-plan.ts';
import type { Allowed, EnforcePolicy } from '../policy/enforce-policy.ts';
import { callerKey } from '../webhook/caller-key.ts';
import type { ConfirmPlan } from '../webhook/confirm-plan.ts';
import { refreshHeaders } from '../wire/error-body.ts';
import type { PaymentRequest } from '../wire/payment-request.ts';
import type { HoldAsker, HoldReply } from './ask-hold.ts';
import { checkGrant } from './check-grant.ts';
import type { OpenAsks } from './open-asks.ts';
import type { SpentGrants } from './spent-grants.ts';

/** A payment that was signed, as the journal must keep it before it may leave. */
export type SignedHold = {
  readonly askNo: number;
  readonly holdId: string;
  readonly forkNo: number;
  readonly replayed: boolean;
  readonly hold: HoldItemWire;
  readonly signed: SignedPayment;
  readonly signedAtNs: bigint;
};

/** What became of a signed payment on its way into the journal. */
export type Kept = 'kept' | 'not_kept' | 'unknown';

export type MakePaymentDeps = {
  readonly plan: PlanDeps;
  /** What the operator lets be signed; absent: everything. */
  readonly enforcePolicy?: EnforcePolicy;
  /** The operator's own webhook says who asks, and whether they may; absent: we do. */
  readonly confirm?: ConfirmPlan;
  /** False: a price ceiling is in USD, and what that is worth is not known. */
  readonly canPrice?: () => boolean;
  readonly chain: Chain;
  readonly chainMaxAgeMs: number;
  readonly clock: Clock;
  readonly askHold: HoldAsker['ask'];
  readonly asks: OpenAsks;
  readonly spent: SpentGrants;
  /** The account of ours that pays; absent when it is none of ours. */
  readonly signerOf: (
    sender: Address,
  ) => Pick<Account, 'address' | 'signTickets' | 'signSegment' | 'signState'> | undefined;
  /** Payments can be kept at all. */
  readonly canKeep: () => boolean;
  /** Why the operator has stopped all signing; absent: it goes on. */
  readonly stopped: () => { readonly reason: string } | undefined;
  /** Keeps a signed payment for good and sees to its settlement; never rejects. */
  readonly keep: (signed: SignedHold) => Promise<Kept>;
  /** Tells billing that a hold was granted and nothing signed; closes the ask in the end. */
  readonly release: (held: { askNo: number; holdId: string; reason: string }) => void;
};

export type PaymentOutcome =
  | { readonly ok: true; readonly body: Buffer; readonly tickets: number }
  | PlanRefusal;

type Asked = {
  readonly askNo: number;
  readonly askedAtMs: number;
  readonly hold: HoldItemWire;
  readonly allowed: Allowed | undefined;
};

/**
 * Makes one payment: works it out, has its money held, signs it, keeps it in the journal, and
 * only then gives it out. Nothing is signed without a grant for exactly this payment, and
 * nothing later than `signDeadlineMs` after it was asked for.
 *
 * Codes: those of `planPayment`, billing's refusals, `chain_stale`, `hold_timeout`,
 * `bad_envelope`, `replay_mismatch`, `custody_unavailable`, `unavailable` (the queue or the
 * journal is away).
 */
export async function makePayment(
  deps: MakePaymentDeps,
  input: {
    readonly request: PaymentRequest;
    readonly principal: Principal;
    /** Who pays for a session that this opens; absent: the active account. */
    readonly newSender?: Address;
    readonly rawHeaders: readonly string[];
  },
): Promise<PaymentOutcome> {
  const { request, principal, rawHeaders } = input;
  const { confirm } = deps;
  const stopped = deps.stopped();
  if (stopped) return refusePlan('signing_stopped', stopped.reason);
  if (deps.canPrice?.() === false) return refusePlan('fx_stale', 'a price ceiling is in USD');
  const planned = planPayment(deps.plan, {
    request,
    authId: confirm ? callerKey(rawHeaders) : authIdOf(principal),
    isBoundLater: confirm !== undefined,
    ...(input.newSender === undefined ? {} : { newSender: input.newSender }),
    nowNs: deps.clock.nowNs(),
    chain: deps.chain.snapshot(),
  });
  if (!planned.ok) return planned;
  const ageMs = deps.chain.ageMs();
  if (ageMs > deps.chainMaxAgeMs) {
    return refusePlan('chain_stale', `the chain was read ${Math.round(ageMs)} ms ago`);
  }
  if (!deps.canKeep()) return refusePlan('unavailable', 'the journal cannot be written');
  const judged = deps.enforcePolicy?.(planned.plan);
  const allowed = judged instanceof Promise ? await judged : judged;
  if (allowed && !allowed.ok) return allowed;
  try {
    if (!confirm) return await payPlan(deps, planned.plan, principal, allowed);
    const confirmed = await confirm({ plan: planned.plan, rawHeaders });
    if (!confirmed.ok) return confirmed;
    return await payPlan(deps, confirmed.plan, principal, allowed);
  } finally {
    allowed?.end();
  }
}

async function payPlan(
  deps: MakePaymentDeps,
  plan: PaymentPlan,
  principal: Principal,
  allowed: Allowed | undefined,
): Promise<PaymentOutcome> {
  const askNo = deps.asks.open();
  const askedAtMs = deps.clock.monotonicMs();
  const hold: HoldItemWire = { ...describeHold(plan), askNo, principal };
  const reply = await runStage(
    STAGES['signer.hold'],
    () => deps.askHold(hold),
    () => ({ notes: { 'clearinghouse.ask_no': askNo } }),
  );
  if (reply.ok) return signGranted(deps, plan, { askNo, askedAtMs, hold, allowed }, reply);
  deps.asks.close(askNo);
  return refuseHold(plan, reply);
}

/** Refusals that ask for a refresh name the orchestrator, as every 480 does. */
function refuseHold(plan: PaymentPlan, reply: Extract<HoldReply, { ok: false }>): PlanRefusal {
  const isRefresh = reply.code === 'nonce_overlap' || reply.code === 'replay_stale';
  const headers = isRefresh ? refreshHeaders(plan.opened.info.transcoder) : undefined;
  return refusePlan(reply.code, undefined, headers);
}

async function signGranted(
  deps: MakePaymentDeps,
  plan: PaymentPlan,
  asked: Asked,
  grant: Extract<HoldReply, { ok: true }>,
): Promise<PaymentOutcome> {
  const { policy } = deps.plan;
  const granted = checkGrant({ policy, spent: deps.spent }, plan, grant);
  if (!granted.ok) {
    // Not ours to release: the hold may be another payment's.
    deps.asks.close(asked.askNo);
    return granted;
  }
  const { holdId, forkNo, replayed } = grant;
  const giveUp = (reason: string, refusal: PlanRefusal): PlanRefusal => {
    // Whoever was granted it first may have signed it: a replay is left to the sweeper.
    if (replayed) deps.asks.close(asked.askNo);
    else deps.release({ askNo: asked.askNo, holdId, reason });
    return refusal;
  };
  const early = whyLate(deps, asked);
  if (early) return giveUp(early.reason, early.refusal);
  const hold = replayed ? { ...asked.hold, ...describeHold(granted.plan) } : asked.hold;
  let signed: SignedPayment;
  try {
    const signer = deps.signerOf(granted.plan.senderAddress);
    if (signer === undefined) throw new RangeError('plan of another signer');
    signed = await runStage(STAGES['signer.sign'], () => signPlan(signer, granted.plan));
  } catch (error) {
    const unsigned = giveUp('not_signed', refusePlan('custody_unavailable', faultOf(error)));
    if (error instanceof CustodyFault) return unsigned;
    throw error;
  }
  // Custody that is elsewhere takes its time, and no signature has left yet.
  const late = whyLate(deps, asked);
  if (late) return giveUp(late.reason, late.refusal);
  const { askNo } = asked;
  const signedAtNs = deps.clock.nowNs();
  const kept = await deps.keep({ askNo, holdId, forkNo, replayed, hold, signed, signedAtNs });
  if (kept === 'not_kept') {
    return giveUp('not_journaled', refusePlan('unavailable', 'the journal was not written'));
  }
  // A replay's tickets are those of before.
  if (!replayed) asked.allowed?.spend();
  if (kept === 'unknown') return refusePlan('unavailable', 'the journal is in doubt');
  // It is kept and will be charged; the same request again gets it as a replay.
  if (isTooLate(deps, asked)) return refusePlan('hold_timeout', 'signed, and too late to leave');
  return { ok: true, body: signed.body, tickets: granted.plan.tickets.count };
}

/** Why what was granted must not leave any more. */
function whyLate(
  deps: MakePaymentDeps,
  asked: Asked,
): { readonly reason: string; readonly refusal: PlanRefusal } | undefined {
  if (isTooLate(deps, asked)) return { reason: 'too_late', refusal: refusePlan('hold_timeout') };
  const stopped = deps.stopped();
  return stopped && { reason: 'stopped', refusal: refusePlan('signing_stopped', stopped.reason) };
}

function faultOf(error: unknown): string {
  return error instanceof CustodyFault ? `${error.reason}: ${error.message}` : 'not signed';
}

function isTooLate(deps: MakePaymentDeps, asked: Asked): boolean {
  return deps.clock.monotonicMs() - asked.askedAtMs > RUNTIME_LIMITS.signDeadlineMs;
}
