import {
  createGatewaySession,
  type GatewaySession,
  type JobType,
  type MaxPrice,
  type OrchestratorSession,
  type PayOutcome,
  type SenderProof,
} from '@clearinghouse/gateway-double';
import { linkOrchestrator } from './link-orchestrator.ts';
import type { Network } from './open-network.ts';
import { PRICE_UNITS, TERMS } from './terms.ts';

type Deps = {
  readonly network: Network;
  readonly signerUrl: string;
  readonly proof: SenderProof;
};

/** A refusal that was asked for, and the one that came. */
export type ShownRefusal = {
  readonly name: string;
  readonly status: number;
  readonly code: string;
};

/**
 * Asks for live payments under a ceiling of 1 wei a second.
 *
 * @throws Error unless the answer is 481.
 */
export async function showPriceExceeded(deps: Deps, bearer: string): Promise<ShownRefusal> {
  const maxPrice = { price: '1', currency: 'wei', unit: PRICE_UNITS.live };
  const { gateway } = await open(deps, { bearer, type: 'live', maxPrice });
  return expectError('a price above maxPrice', 481, await gateway.pay());
}

/**
 * Asks with a user whose cap is used up by anything at all.
 *
 * @throws Error unless the answer is 402.
 */
export async function showCapReached(deps: Deps, bearer: string): Promise<ShownRefusal> {
  const { gateway } = await open(deps, { bearer, type: 'fixed' });
  return expectError('a user above its cap', 402, await gateway.pay());
}

/**
 * Asks with a credential that is none.
 *
 * @throws Error unless the answer is 401.
 */
export async function showUnauthorized(deps: Deps): Promise<ShownRefusal> {
  const { gateway } = await open(deps, { bearer: 'not-a-token', type: 'fixed' });
  return expectError('a credential that is none', 401, await gateway.pay());
}

type Opening = {
  readonly bearer: string;
  readonly type: JobType;
  readonly maxPrice?: MaxPrice;
};

async function open(
  deps: Deps,
  opening: Opening,
): Promise<{ gateway: GatewaySession; opened: OrchestratorSession }> {
  const { orchestrator } = deps.network;
  const opened = orchestrator.openSession(deps.proof, TERMS[opening.type]);
  if (opened === undefined) throw new Error("the orchestrator refused the signer's proof");
  const gateway = createGatewaySession({
    signerUrl: deps.signerUrl,
    signerHeaders: { Authorization: `Bearer ${opening.bearer}` },
    client: 'go',
    type: opening.type,
    link: linkOrchestrator(deps.network, opened, 'go'),
    info: await orchestrator.infoOf(opened),
    manifestId: opened.sessionId,
    ...(opening.maxPrice === undefined ? {} : { maxPrice: opening.maxPrice }),
  });
  return { gateway, opened };
}

function expectError(name: string, status: number, outcome: PayOutcome): ShownRefusal {
  if (outcome.kind !== 'error' || outcome.status !== status) {
    throw new Error(`${name} was answered ${JSON.stringify(outcome)}, not ${status}`);
  }
  return { name, status, code: outcome.code ?? '' };
}
