import {
  createGatewaySession,
  type JobType,
  type SenderProof,
} from '@clearinghouse/gateway-double';
import { linkOrchestrator } from './link-orchestrator.ts';
import type { Network } from './open-network.ts';
import { type PaymentRecord, recordPayment } from './record-payment.ts';
import { TERMS } from './terms.ts';

const TYPE: JobType = 'lv2v';
/** A first payment leaves less than one ticket; a second and third make it cover the next call. */
const CALLS_MAX = 8;

/** The payments it took until a call was covered without one. */
export type ShownCovered = { readonly payments: readonly PaymentRecord[] };

/**
 * Asks again and again in no time, until the session's balance covers the call: 482, and the
 * gateway skips the payment.
 *
 * @throws Error when it never does, or something else is answered.
 */
export async function showCovered(deps: {
  readonly network: Network;
  readonly signerUrl: string;
  readonly proof: SenderProof;
  readonly bearer: string;
}): Promise<ShownCovered> {
  const { orchestrator } = deps.network;
  const opened = orchestrator.openSession(deps.proof, TERMS[TYPE]);
  if (opened === undefined) throw new Error("the orchestrator refused the signer's proof");
  const gateway = createGatewaySession({
    signerUrl: deps.signerUrl,
    signerHeaders: { Authorization: `Bearer ${deps.bearer}` },
    client: 'go',
    type: TYPE,
    link: linkOrchestrator(deps.network, opened, 'go'),
    info: await orchestrator.infoOf(opened),
  });
  const payments: PaymentRecord[] = [];
  for (let call = 0; call < CALLS_MAX; call += 1) {
    const outcome = await gateway.pay();
    if (outcome.kind === 'skipped') return { payments };
    if (outcome.kind !== 'paid') throw new Error(`a call gave ${JSON.stringify(outcome)}`);
    payments.push(recordPayment(outcome, { type: TYPE, signerAddress: deps.proof.address }));
  }
  throw new Error(`${CALLS_MAX} calls at once were never covered by the balance (482)`);
}
