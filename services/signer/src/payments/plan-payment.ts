import type { Address } from '@clearinghouse/shared';
import { checkTicketParams } from '../tickets/check-params.ts';
import { billRequest } from './bill-request.ts';
import { buildPlan } from './build-plan.ts';
import { checkPrice } from './check-price.ts';
import { checkRefresh } from './check-refresh.ts';
import { openRequest } from './open-request.ts';
import type { ChainSnapshot, PlanDeps, PlanInput, PlanOutcome } from './plan.ts';
import { refusePlan } from './refuse-plan.ts';

/**
 * Decides on a payment, from what the client sent, the clock and the chain: refuses it with
 * the first failing check of go-livepeer's table (rows 3 to 23, in that order), or works it
 * out to the last byte. Pure: nothing is signed, stored or asked here.
 *
 * The validation for all tickets at once (row 23) happens before money is held, though it is
 * answered as go-livepeer answers it: 500, masked, with the code `ticket_validation`.
 *
 * Codes: those of `openRequest`, `checkRefresh`, `billRequest`, `checkPrice` and
 * `buyTickets`, ticket_validation, and chain_stale when no block was ever read.
 */
export function planPayment(deps: PlanDeps, input: PlanInput): PlanOutcome {
  const read = openRequest(deps, input);
  if (!read.ok) return read;
  const { opened } = read;
  const { nowNs } = input;
  const { policy } = deps;
  const chain = chainOf(deps, input.chain, opened.sender);
  if (chain === undefined) return refusePlan('chain_stale', 'no block was read yet');
  const { sessionIdleMaxSec } = policy;
  const refresh = checkRefresh(opened, { nowNs, chain, policy });
  if (refresh !== undefined) return refresh;
  const bill = billRequest(opened, { nowNs, sessionIdleMaxSec });
  if (!bill.ok) return bill;
  const dear = checkPrice(opened, policy);
  if (dear !== undefined) return dear;
  const built = buildPlan({ policy }, opened, {
    nowNs,
    creationRound: chain.lastInitializedRound,
    creationBlockHash: chain.blockHashForRound,
  });
  if (!built.ok) return built;
  const numTickets = built.plan.tickets.count;
  const params = opened.info.ticketParams;
  const check = checkTicketParams({ params, numTickets, chain, policy });
  return check.result === 'valid' ? built : refusePlan('ticket_validation', check.message);
}

/** The chain with the funds of the account that pays. */
function chainOf(
  { ownAddress }: PlanDeps,
  chain: ChainSnapshot | undefined,
  address: Address,
): ChainSnapshot | undefined {
  if (address === ownAddress || chain === undefined) return chain;
  const sender = chain.otherSenders?.get(address);
  return sender && { ...chain, sender };
}
