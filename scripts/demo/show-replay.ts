import {
  type JobType,
  type PaymentRequest,
  requestPayment,
  type SenderProof,
  type SignerAnswer,
} from '@clearinghouse/gateway-double';
import type { Network } from './open-network.ts';
import { type PaymentRecord, recordPayment } from './record-payment.ts';
import { TERMS } from './terms.ts';

type Deps = {
  readonly network: Network;
  readonly signerUrl: string;
  readonly proof: SenderProof;
  readonly bearer: string;
};

const TYPE: JobType = 'fixed';

/** Two payments of one session, each asked for twice, as after a lost answer. */
export type ShownReplay = { readonly payments: readonly PaymentRecord[] };

/**
 * Loses the answer of each call and asks again: the second answer must be the first one to the
 * byte, and the orchestrator must take the payment once and refuse it the second time.
 *
 * @throws Error naming what was otherwise.
 */
export async function showReplay(deps: Deps): Promise<ShownReplay> {
  const { orchestrator } = deps.network;
  const opened = orchestrator.openSession(deps.proof, TERMS[TYPE]);
  if (opened === undefined) throw new Error("the orchestrator refused the signer's proof");
  const payments: PaymentRecord[] = [];
  let previous: Paid | undefined;
  for (let call = 0; call < 2; call += 1) {
    const request: PaymentRequest = {
      state: previous?.state,
      orchestrator: await orchestrator.infoOf(opened),
      manifestId: opened.sessionId,
      type: TYPE,
    };
    const paid = await askTwice(deps, request);
    const headers = { payment: paid.payment, segment: paid.segCreds };
    const first = await orchestrator.pay(headers);
    if (!first.ok) throw new Error(`a payment asked for twice was refused: ${first.reason}`);
    const second = await orchestrator.pay(headers);
    if (second.ok || second.reason !== 'nonce_seen') {
      throw new Error('the orchestrator took the same tickets twice');
    }
    const outcome = {
      kind: 'paid',
      headers,
      state: paid.state,
      previousState: previous?.state,
      manifestId: opened.sessionId,
      refreshes: 0,
    } as const;
    payments.push(recordPayment(outcome, { type: TYPE, signerAddress: deps.proof.address }));
    previous = paid;
  }
  return { payments };
}

type Paid = Extract<SignerAnswer, { kind: 'payment' }>;

async function askTwice(deps: Deps, request: PaymentRequest): Promise<Paid> {
  const ask = async (): Promise<Paid> => {
    const answer = await requestPayment({
      signerUrl: deps.signerUrl,
      signerHeaders: { Authorization: `Bearer ${deps.bearer}` },
      client: 'go',
      request,
    });
    if (answer.kind !== 'payment') throw new Error(`a replay gave ${JSON.stringify(answer)}`);
    return answer;
  };
  const first = await ask();
  const second = await ask();
  if (JSON.stringify(first) !== JSON.stringify(second)) {
    throw new Error('the same request gave two different payments');
  }
  return first;
}
