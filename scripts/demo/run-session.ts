import { setTimeout as sleep } from 'node:timers/promises';
import {
  compare,
  createGatewaySession,
  type GatewaySession,
  type OrchestratorSession,
  type PayOutcome,
  type SenderProof,
  toHex,
} from '@clearinghouse/gateway-double';
import { linkOrchestrator } from './link-orchestrator.ts';
import type { Network } from './open-network.ts';
import type { SessionPlan } from './plan-sessions.ts';
import { type PaymentRecord, recordPayment } from './record-payment.ts';
import { TERMS } from './terms.ts';

/** What came of a session. */
export type SessionResult = {
  readonly plan: SessionPlan;
  readonly payments: readonly PaymentRecord[];
  readonly refreshes: number;
  /** Calls answered 482: the balance covered them. */
  readonly skips: number;
  /** Whether the orchestrator's account stands exactly where the signer's state does. */
  readonly balanceAgrees: boolean;
};

type Deps = {
  readonly network: Network;
  readonly signerUrl: string;
  readonly proof: SenderProof;
  /** The token or key of the session's payer. */
  readonly bearer: string;
  /** Whom the signer must bind the session to: `{app}:{subject}`. */
  readonly authId: string;
  readonly onPayment: () => void;
};

const SESSION_TIMEOUT_MS = 180_000;

/**
 * Runs one session to its number of payments: the gateway asks and pays, the orchestrator takes
 * the payment and debits the work. Half way an aged orchestrator info turns up.
 *
 * @throws Error naming the session and what went wrong.
 */
export async function runSession(deps: Deps, plan: SessionPlan): Promise<SessionResult> {
  const { orchestrator } = deps.network;
  const opened = orchestrator.openSession(deps.proof, TERMS[plan.type]);
  if (opened === undefined) throw new Error("the orchestrator refused the signer's proof");
  const gateway = await openGateway(deps, plan, opened);
  const payments: PaymentRecord[] = [];
  let refreshes = 0;
  let skips = 0;
  const untilMs = Date.now() + SESSION_TIMEOUT_MS;
  for (let hasAged = false; payments.length < plan.payments; ) {
    if (Date.now() > untilMs) throw new Error(`${nameOf(plan)}: not done in time`);
    if (!hasAged && payments.length === Math.floor(plan.payments / 2)) {
      gateway.adopt(await orchestrator.infoOf(opened, plan.aging));
      hasAged = true;
    }
    const outcome = await gateway.pay();
    if (outcome.kind === 'paid') {
      payments.push(takeRecord(deps, plan, outcome));
      refreshes += outcome.refreshes;
      deps.onPayment();
    } else if (outcome.kind === 'skipped') {
      skips += 1;
      refreshes += outcome.refreshes;
    } else {
      throw new Error(`${nameOf(plan)}: ${JSON.stringify(outcome)}`);
    }
    await sleep(plan.pauseMs);
  }
  const held = orchestrator.balanceOf({
    sender: toHex(opened.sender),
    manifestId: opened.sessionId,
  });
  const carried = payments.at(-1)?.balance;
  const balanceAgrees = carried === undefined || compare(held, carried) === 0;
  return { plan, payments, refreshes, skips, balanceAgrees };
}

/** A session as a reader of the output knows it. */
export function nameOf(plan: SessionPlan): string {
  const payer = plan.user === undefined ? 'gateway key' : `user ${plan.user + 1}`;
  return `${plan.client} ${plan.type} session of ${payer}`;
}

async function openGateway(
  deps: Deps,
  plan: SessionPlan,
  opened: OrchestratorSession,
): Promise<GatewaySession> {
  return createGatewaySession({
    signerUrl: deps.signerUrl,
    signerHeaders: { Authorization: `Bearer ${deps.bearer}` },
    client: plan.client,
    type: plan.type,
    link: linkOrchestrator(deps.network, opened, plan.client),
    info: await deps.network.orchestrator.infoOf(opened),
    // Runner apps are told their manifest id beforehand; a lv2v job learns it from its start.
    ...(plan.type === 'lv2v' ? {} : { manifestId: opened.sessionId }),
  });
}

function takeRecord(
  deps: Deps,
  plan: SessionPlan,
  outcome: Extract<PayOutcome, { kind: 'paid' }>,
): PaymentRecord {
  const record = recordPayment(outcome, { type: plan.type, signerAddress: deps.proof.address });
  if (record.authId !== deps.authId) {
    throw new Error(`${nameOf(plan)}: bound to ${record.authId}, not to ${deps.authId}`);
  }
  const isCovered = deps.network.orchestrator.debit({
    sender: deps.proof.address,
    manifestId: outcome.manifestId,
    units: record.units,
  });
  if (!isCovered) throw new Error(`${nameOf(plan)}: the orchestrator's account ran dry`);
  return record;
}
