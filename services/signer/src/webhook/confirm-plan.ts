import { createExpiringCache } from '../authorize/expiring-cache.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import { floatString } from '../payments/format-rational.ts';
import { readMaxPrice } from '../payments/max-price.ts';
import type { PaymentPlan, PlanOutcome, PlanRefusal, SessionPolicy } from '../payments/plan.ts';
import { compareRational } from '../payments/rational.ts';
import { rebindPlan } from '../payments/rebind-plan.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import { encodeState } from '../sessions/encode-state.ts';
import type { AskWebhook } from './ask-webhook.ts';
import { callerKey } from './caller-key.ts';
import { canonicalHeaders, encodeHeaders } from './canonical-headers.ts';
import type { Verdict } from './read-verdict.ts';

const STATUS_MIN = 200;
const STATUS_MAX = 599;
const PRICE_DECIMALS = 3;

export type ConfirmPlanDeps = {
  readonly ask: AskWebhook;
  readonly policy: SessionPolicy;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
};

/** Has the operator's webhook confirm a payment that was worked out, before anything is held. */
export type ConfirmPlan = (input: {
  readonly plan: PaymentPlan;
  /** Names and values in turn, as the caller sent them. */
  readonly rawHeaders: readonly string[];
}) => Promise<PlanOutcome>;

type Permission = { readonly authId: string };

/**
 * Makes the check of go-livepeer's section on webhooks, with three differences, all stricter: it
 * comes before the money is held and the tickets are signed; `expiry` is remembered here for the
 * same caller and session, and never read from the client's state; and a session that belongs
 * to an auth id is refused to a caller for whom the webhook names none.
 *
 * Codes: webhook_failed, webhook_refused (with the webhook's own status), invalid_webhook_max_price,
 * price_exceeded, auth_id_mismatch, and those of `buildPlan`.
 */
export function createPlanConfirmer(deps: ConfirmPlanDeps): ConfirmPlan {
  const permissions = createExpiringCache<Permission>({
    entriesMax: RUNTIME_LIMITS.webhookPermissionsMax,
    monotonicMs: deps.monotonicMs,
  });
  return async ({ plan, rawHeaders }) => {
    const key = `${callerKey(rawHeaders)} ${plan.opened.stateId}`;
    const known = permissions.get(key);
    if (known) return bind(deps, plan, known.authId);
    const asked = await deps.ask(webhookBody(plan, canonicalHeaders(rawHeaders)));
    if (!asked.ok) return refusePlan('webhook_failed', `signer auth webhook: ${asked.fault}`);
    const { verdict } = asked;
    const refusal = refusalOf(verdict) ?? priceRefusal(verdict, plan);
    if (refusal) return refusal;
    const bound = bind(deps, plan, verdict.authId);
    const lifeMs = Number(verdict.expirySec) * 1000 - deps.nowMs();
    if (bound.ok) permissions.set(key, { authId: verdict.authId }, lifeMs);
    return bound;
  };
}

/** The state after this call, as go-livepeer shows it, still without what the webhook will say. */
function webhookBody(plan: PaymentPlan, headers: ReadonlyMap<string, readonly string[]>): string {
  const { state } = plan.opened;
  const shown = encodeState({ ...plan.newState, authExpirySec: state?.authExpirySec ?? 0n });
  return `{"headers":${encodeHeaders(headers)},"state":${shown.toString('utf8')}}`;
}

function refusalOf({ status, reason }: Verdict): PlanRefusal | undefined {
  if (status === 200) return undefined;
  // Go cannot write such a status: there the connection breaks off.
  if (status < STATUS_MIN || status > STATUS_MAX) {
    return refusePlan('webhook_failed', `signer auth webhook: status ${status}`);
  }
  const isMasked = status === 500 || status === 503;
  const text = reason || `signer auth rejected request with status ${status}`;
  const masked = refusePlan(status === 503 ? 'unavailable' : 'internal').message;
  return {
    ok: false,
    code: 'webhook_refused',
    status,
    message: isMasked ? masked : text,
    ...(isMasked ? { detail: text } : {}),
  };
}

function priceRefusal({ maxPrice }: Verdict, plan: PaymentPlan): PlanRefusal | undefined {
  if (maxPrice === undefined) return undefined;
  const read = readMaxPrice(maxPrice, plan.opened.type);
  if (!read.ok) {
    return refusePlan('invalid_webhook_max_price', `signer auth invalid maxPrice: ${read.message}`);
  }
  const { pricePerUnit, pixelsPerUnit } = plan.opened.info.priceInfo;
  const price = { num: pricePerUnit, den: pixelsPerUnit };
  if (compareRational(price, read.priceWei) <= 0) return undefined;
  const [asked, ceiling] = [price, read.priceWei].map((value) =>
    floatString(value, PRICE_DECIMALS),
  );
  const text = `orchestrator price ${asked} exceeds auth webhook maxPrice ceiling ${ceiling}`;
  return refusePlan('price_exceeded', text);
}

/** Binds an unbound session to the id; one that is bound must be this id's. */
function bind(deps: ConfirmPlanDeps, plan: PaymentPlan, authId: string): PlanOutcome {
  const bound = plan.opened.state?.authId ?? '';
  if (bound !== '' && bound !== authId) return refusePlan('auth_id_mismatch');
  return rebindPlan(deps, plan, authId);
}
