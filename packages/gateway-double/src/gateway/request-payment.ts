import { LIMITS } from '../limits.ts';
import { type ClientKind, clientHeaders, type SignerHeaders } from './client-headers.ts';
import { type HttpAnswer, post } from './post.ts';
import type { SignedState } from './signed-state.ts';
import { type PaymentRequest, writeGoRequest } from './write-go-request.ts';
import { writePythonRequest } from './write-python-request.ts';

/** The signer's answer to one call. */
export type SignerAnswer =
  | {
      readonly kind: 'payment';
      readonly payment: string;
      readonly segCreds: string;
      readonly state: SignedState;
    }
  | { readonly kind: 'refresh'; readonly orchestratorUrl: string }
  | { readonly kind: 'no_tickets' }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly message: string;
      readonly code: string | undefined;
    };

const REFRESH_SESSION = 480;
const NO_TICKETS = 482;

/**
 * One `POST /generate-live-payment`, exactly as the imitated client sends it.
 *
 * @throws Error when there is no answer, or a 200 is not one.
 */
export async function requestPayment(input: {
  readonly signerUrl: string;
  readonly signerHeaders: SignerHeaders;
  readonly client: ClientKind;
  readonly request: PaymentRequest;
}): Promise<SignerAnswer> {
  const isGo = input.client === 'go';
  const body = isGo ? writeGoRequest(input.request) : writePythonRequest(input.request);
  const answer = await post({
    url: new URL('/generate-live-payment', input.signerUrl).href,
    headers: clientHeaders(input.client, { signerHeaders: input.signerHeaders, body }),
    body,
    timeoutMs: isGo ? LIMITS.goRequestTimeoutMs : LIMITS.pythonRequestTimeoutMs,
  });
  if (answer.status === 200) return readPaymentAnswer(answer);
  if (answer.status === REFRESH_SESSION) {
    const orchestratorUrl = answer.headers['livepeer-orchestrator-url'] ?? '';
    return { kind: 'refresh', orchestratorUrl };
  }
  if (answer.status === NO_TICKETS) return { kind: 'no_tickets' };
  return { kind: 'error', status: answer.status, ...readError(answer) };
}

function readPaymentAnswer(answer: HttpAnswer): SignerAnswer {
  const { payment, segCreds, state } = JSON.parse(answer.body.toString('utf8')) as {
    payment?: string;
    segCreds?: string;
    state?: Partial<SignedState>;
  };
  if (!payment || !segCreds || !state?.State || !state.Sig) {
    throw new Error('the signer answered 200 without payment, segCreds or state');
  }
  return { kind: 'payment', payment, segCreds, state: { State: state.State, Sig: state.Sig } };
}

function readError(answer: HttpAnswer): { message: string; code: string | undefined } {
  const text = answer.body.toString('utf8');
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; code?: string } };
    return { message: error?.message ?? text, code: error?.code };
  } catch {
    return { message: text, code: undefined };
  }
}
