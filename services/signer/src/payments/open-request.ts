import type { Address } from '@clearinghouse/shared';
import { SIGNER_LIMITS } from '../limits.ts';
import { decodeState } from '../sessions/decode-state.ts';
import type { SessionState } from '../sessions/state.ts';
import type { Capabilities } from '../wire/capabilities.ts';
import { decodeCapabilities } from '../wire/decode-capabilities.ts';
import { decodeOrchestratorInfo } from '../wire/decode-orchestrator-info.ts';
import { encodeCapabilities } from '../wire/encode-capabilities.ts';
import type { PaymentRequest } from '../wire/payment-request.ts';
import { attributeUsage } from './attribute-usage.ts';
import type { OpenedRequest, PlanDeps, PlanInput, PlanRefusal } from './plan.ts';
import { refusePlan } from './refuse-plan.ts';
import { requestHash } from './request-hash.ts';

const MANIFEST_ID = /^[A-Za-z0-9_-]+$/;
/** go-livepeer answers with the text of its protobuf library. */
const PROTO_FAULT = 'proto: cannot parse invalid wire-format data';

type OpenDeps = Pick<PlanDeps, 'policy' | 'stateSender' | 'ownAddress'>;
type Opened = { readonly ok: true; readonly opened: OpenedRequest } | PlanRefusal;
type OpenedInfo = { readonly ok: true; readonly info: OpenedRequest['info'] } | PlanRefusal;
type OpenedState =
  | { readonly ok: true; readonly state: SessionState | undefined; readonly sender: Address }
  | PlanRefusal;
type OpenedCapabilities =
  | { readonly ok: true; readonly capabilities: Capabilities | undefined }
  | PlanRefusal;

/**
 * Rows 3 to 13 of the protocol's table of checks: everything that needs neither the clock nor
 * the chain. Between rows 8 and 9 the session must be the caller's own (`auth_id_mismatch`).
 *
 * Codes: missing_orchestrator, invalid_orchestrator, missing_price_info,
 * missing_ticket_params, invalid_sig, invalid_state, auth_id_mismatch, orchestrator_mismatch,
 * app_mismatch, job_type_mismatch, missing_manifest_id, invalid_manifest_id,
 * invalid_capabilities, invalid_request (an app name too long).
 */
export function openRequest(
  deps: OpenDeps & Pick<PlanDeps, 'deriveFirstIds'>,
  input: Pick<PlanInput, 'request' | 'authId' | 'isBoundLater' | 'newSender'>,
): Opened {
  const { request, authId, isBoundLater = false } = input;
  const read = openInfo(request);
  if (!read.ok) return read;
  const { info } = read;
  const session = openState(deps, input);
  if (!session.ok) return session;
  const { state, sender } = session;
  const mismatch = stateMismatch(state, request, info) ?? manifestFault(state, request);
  if (mismatch !== undefined) return mismatch;
  const parsed = openCapabilities(request);
  if (!parsed.ok) return parsed;
  const { capabilities } = parsed;
  const segmentCapabilities = capabilities && encodeCapabilities(capabilities);
  const hash = requestHash({ authId, request, info, capabilities: segmentCapabilities });
  const first = state === undefined ? deps.deriveFirstIds(authId, hash) : undefined;
  return {
    ok: true,
    opened: {
      authId: isBoundLater ? (state?.authId ?? '') : authId,
      sender,
      type: request.type,
      app: request.app,
      inPixels: request.inPixels,
      maxPrice: request.maxPrice,
      info,
      state,
      requestHash: hash,
      stateId: state?.stateId ?? first?.stateId ?? '',
      manifestId: request.manifestId || (first?.manifestId ?? ''),
      capabilityModels: modelsOf(capabilities),
      segmentCapabilities,
      ...attributeUsage({ type: request.type, priceInfo: info.priceInfo, capabilities }),
    },
  };
}

function openInfo(request: PaymentRequest): OpenedInfo {
  if (request.orchestrator.length === 0) return refusePlan('missing_orchestrator');
  const info = decodeOrchestratorInfo(request.orchestrator);
  if (info === undefined) return refusePlan('invalid_orchestrator', PROTO_FAULT);
  const { priceInfo, ticketParams } = info;
  // go-livepeer lets negative prices through, and they would pay the client.
  if (!priceInfo || priceInfo.pricePerUnit <= 0n || priceInfo.pixelsPerUnit <= 0n) {
    return refusePlan('missing_price_info');
  }
  if (ticketParams === undefined) return refusePlan('missing_ticket_params');
  return { ok: true, info: { ...info, priceInfo, ticketParams } };
}

function openState(
  deps: OpenDeps,
  input: Pick<PlanInput, 'request' | 'authId' | 'isBoundLater' | 'newSender'>,
): OpenedState {
  const { stateBytes, stateSig } = input.request;
  if (stateBytes.length === 0 && stateSig.length === 0) {
    return { ok: true, state: undefined, sender: input.newSender ?? deps.ownAddress };
  }
  const isShort = stateBytes.length <= SIGNER_LIMITS.stateBytesMax;
  const sender = isShort ? deps.stateSender(stateBytes, stateSig) : undefined;
  if (sender === undefined) return refusePlan('invalid_sig');
  const state = decodeState(stateBytes);
  if (state === undefined) return refusePlan('invalid_state');
  const isUnbound = state.authId === '' && deps.policy.acceptUnboundState;
  if (!input.isBoundLater && state.authId !== input.authId && !isUnbound)
    return refusePlan('auth_id_mismatch');
  return { ok: true, state, sender };
}

function stateMismatch(
  state: SessionState | undefined,
  request: PaymentRequest,
  info: OpenedRequest['info'],
): PlanRefusal | undefined {
  if (state === undefined) {
    const isLong = request.app.length > SIGNER_LIMITS.appCharsMax;
    return isLong ? refusePlan('invalid_request', 'app is too long') : undefined;
  }
  if (state.orchestratorAddress !== info.address) return refusePlan('orchestrator_mismatch');
  if (state.app !== request.app) return refusePlan('app_mismatch');
  if (state.type !== '' && state.type !== request.type) return refusePlan('job_type_mismatch');
  return undefined;
}

function manifestFault(
  state: SessionState | undefined,
  { manifestId }: PaymentRequest,
): PlanRefusal | undefined {
  if (manifestId === '') return state ? refusePlan('missing_manifest_id') : undefined;
  const isProper =
    manifestId.length <= SIGNER_LIMITS.manifestIdCharsMax && MANIFEST_ID.test(manifestId);
  return isProper ? undefined : refusePlan('invalid_manifest_id');
}

function modelsOf(capabilities: Capabilities | undefined): OpenedRequest['capabilityModels'] {
  return [...(capabilities?.perCapability ?? [])].flatMap(([capability, models]) =>
    [...models.keys()].map((model) => ({ capability, model })),
  );
}

function openCapabilities({ capabilities: bytes }: PaymentRequest): OpenedCapabilities {
  if (bytes.length === 0) return { ok: true, capabilities: undefined };
  const capabilities = decodeCapabilities(bytes);
  if (capabilities === undefined) return refusePlan('invalid_capabilities', PROTO_FAULT);
  return { ok: true, capabilities };
}
