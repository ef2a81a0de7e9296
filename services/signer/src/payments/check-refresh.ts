import { PROTOCOL } from '../limits.ts';
import { checkTicketParams } from '../tickets/check-params.ts';
import { refreshHeaders } from '../wire/error-body.ts';
import type { ChainSnapshot, OpenedRequest, PaymentPolicy, PlanRefusal } from './plan.ts';
import { refusePlan } from './refuse-plan.ts';

const NS_PER_SEC = 1_000_000_000n;

/**
 * Row 14: whether the gateway must fetch new OrchestratorInfo first (`refresh_session`, 480),
 * because its auth token or its ticket params are about to end. Params that are no good for
 * even one ticket, or no auth token at all, are `invalid_ticket_params`.
 */
export function checkRefresh(
  opened: OpenedRequest,
  at: { readonly nowNs: bigint; readonly chain: ChainSnapshot; readonly policy: PaymentPolicy },
): PlanRefusal | undefined {
  const { authToken, ticketParams } = opened.info;
  if (authToken === undefined) return uncheckable('missing auth token');
  const refreshAtSec = authToken.expirationSec - PROTOCOL.authTokenMarginSec;
  if (at.nowNs > refreshAtSec * NS_PER_SEC) return askRefresh(opened);
  const { chain, policy } = at;
  const check = checkTicketParams({ params: ticketParams, numTickets: 1, chain, policy });
  if (check.result === 'expired') return askRefresh(opened);
  return check.result === 'invalid' ? uncheckable(check.message) : undefined;
}

/** The refusal that makes a gateway fetch new OrchestratorInfo and try again. */
export function askRefresh(opened: OpenedRequest): PlanRefusal {
  return refusePlan('refresh_session', undefined, refreshHeaders(opened.info.transcoder));
}

function uncheckable(message: string): PlanRefusal {
  const prefix = 'remote signer could not check whether to refresh session';
  return refusePlan('invalid_ticket_params', `${prefix}: ${message}`);
}
