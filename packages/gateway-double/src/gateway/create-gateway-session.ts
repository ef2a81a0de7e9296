import { LIMITS } from '../limits.ts';
import type { PaymentHeaders } from '../orchestrator/read-payment.ts';
import { decodeOrchestratorInfo, decodePaymentResult } from '../wire/convert-orchestrator-info.ts';
import type { ClientKind, SignerHeaders } from './client-headers.ts';
import { requestPayment, type SignerAnswer } from './request-payment.ts';
import type { SignedState } from './signed-state.ts';
import type { JobType, MaxPrice } from './write-go-request.ts';

/** The orchestrator as a gateway reaches it: by gRPC and HTTP, or in this process. */
export type OrchestratorLink = {
  /** GetOrchestratorInfo, or the python client's refresh: an encoded `net.OrchestratorInfo`. */
  readonly refresh: () => Promise<Uint8Array>;
  /** `POST /payment`, or the job's start while `isOpening`. */
  readonly pay: (headers: PaymentHeaders, isOpening: boolean) => Promise<LinkReceipt>;
};

export type LinkReceipt =
  | { readonly ok: true; readonly manifestId: string; readonly result: Uint8Array }
  | { readonly ok: false; readonly status: number; readonly reason: string };

/** What came of one payment. */
export type PayOutcome =
  | {
      readonly kind: 'paid';
      readonly headers: PaymentHeaders;
      readonly state: SignedState;
      readonly previousState: SignedState | undefined;
      readonly manifestId: string;
      readonly refreshes: number;
    }
  | { readonly kind: 'skipped'; readonly refreshes: number }
  | { readonly kind: 'too_many_refreshes' }
  | Extract<SignerAnswer, { kind: 'error' }>
  | { readonly kind: 'orchestrator_refused'; readonly status: number; readonly reason: string };

/** A gateway's session with one orchestrator, paid through the remote signer. */
export type GatewaySession = {
  readonly pay: () => Promise<PayOutcome>;
  /** Replaces the orchestrator info that the session holds, as a restart or a test would. */
  readonly adopt: (info: Uint8Array) => void;
  readonly state: () => SignedState | undefined;
};

export type GatewaySessionOptions = {
  readonly signerUrl: string;
  readonly signerHeaders: SignerHeaders;
  readonly client: ClientKind;
  readonly type: JobType;
  readonly link: OrchestratorLink;
  /** The `net.OrchestratorInfo` to start from. */
  readonly info: Uint8Array;
  /** Absent: the first call names none, and the orchestrator's own is used from then on. */
  readonly manifestId?: string;
  readonly app?: string;
  readonly maxPrice?: MaxPrice;
  readonly capabilities?: Uint8Array;
};

type Held = { info: Uint8Array; state: SignedState | undefined; manifestId: string };

/**
 * Opens a session. Calls must be made one after the other, as both clients do. Go adopts the
 * orchestrator info of each payment's result; python keeps its own until a 480.
 */
export function createGatewaySession(options: GatewaySessionOptions): GatewaySession {
  const held: Held = {
    info: options.info,
    state: undefined,
    manifestId: options.manifestId ?? '',
  };
  return {
    pay: () => payOnce(options, held),
    adopt: (info) => {
      held.info = info;
    },
    state: () => held.state,
  };
}

async function payOnce(options: GatewaySessionOptions, held: Held): Promise<PayOutcome> {
  const asked = await askWithRefreshes(options, held);
  if (asked === undefined) return { kind: 'too_many_refreshes' };
  const { answer, refreshes } = asked;
  if (answer.kind === 'no_tickets') return { kind: 'skipped', refreshes };
  if (answer.kind === 'error') return answer;
  const previousState = held.state;
  held.state = answer.state;
  const headers = { payment: answer.payment, segment: answer.segCreds };
  const receipt = await options.link.pay(headers, held.manifestId === '');
  if (!receipt.ok) {
    return { kind: 'orchestrator_refused', status: receipt.status, reason: receipt.reason };
  }
  if (held.manifestId === '') held.manifestId = receipt.manifestId;
  if (options.client === 'go') held.info = decodePaymentResult(receipt.result);
  return {
    kind: 'paid',
    headers,
    state: answer.state,
    previousState,
    manifestId: held.manifestId,
    refreshes,
  };
}

async function askWithRefreshes(
  options: GatewaySessionOptions,
  held: Held,
): Promise<{ answer: Exclude<SignerAnswer, { kind: 'refresh' }>; refreshes: number } | undefined> {
  const isGo = options.client === 'go';
  const refreshesMax = isGo ? LIMITS.goRefreshesMax : LIMITS.pythonRefreshesMax;
  for (let refreshes = 0; ; refreshes += 1) {
    const answer = await requestPayment({
      signerUrl: options.signerUrl,
      signerHeaders: options.signerHeaders,
      client: options.client,
      request: requestOf(options, held),
    });
    if (answer.kind !== 'refresh') return { answer, refreshes };
    const expectedUrl = decodeOrchestratorInfo(held.info).transcoder;
    if (answer.orchestratorUrl !== expectedUrl) {
      throw new Error(`a 480 named ${answer.orchestratorUrl || 'no orchestrator'}`);
    }
    if (refreshes >= refreshesMax) return undefined;
    held.info = await options.link.refresh();
  }
}

function requestOf(
  options: GatewaySessionOptions,
  held: Held,
): Parameters<typeof requestPayment>[0]['request'] {
  return {
    state: held.state,
    orchestrator: held.info,
    manifestId: held.manifestId,
    type: options.type,
    ...(options.app === undefined ? {} : { app: options.app }),
    ...(options.maxPrice === undefined ? {} : { maxPrice: options.maxPrice }),
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
  };
}
