import type { Clock, Principal } from '@clearinghouse/shared';
import type { Authenticate } from '../authorize/authenticate.ts';
import type { WebhookConfig } from '../config/webhook.ts';
import type { SessionPolicy } from '../payments/plan.ts';
import { createWebhookAsker } from '../webhook/ask-webhook.ts';
import { type ConfirmPlan, createPlanConfirmer } from '../webhook/confirm-plan.ts';

/** The mode in which the operator's own webhook says who may pay. */
export type Webhook = {
  readonly confirm: ConfirmPlan;
  /** Lets every payment request in as the operator's app; the webhook decides on it. */
  readonly authenticate: Authenticate;
};

/** Opens the mode; nothing when it is not set. */
export function openWebhook(
  deps: { readonly clock: Clock; readonly policy: SessionPolicy },
  config: WebhookConfig | undefined,
): Webhook | undefined {
  if (config === undefined) return undefined;
  const nowMs = () => Number(deps.clock.nowNs() / 1_000_000n);
  const { monotonicMs } = deps.clock;
  const ask = createWebhookAsker({ fetch: globalThis.fetch, nowMs }, config);
  const principal: Principal = { appId: config.appId, subject: 'app', attribution: 'gateway' };
  return {
    confirm: createPlanConfirmer({ ask, policy: deps.policy, nowMs, monotonicMs }),
    authenticate: () => ({ ok: true, principal }),
  };
}
