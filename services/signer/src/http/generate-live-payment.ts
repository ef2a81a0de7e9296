import type { IncomingMessage } from 'node:http';
import { type Address, type Principal, runStage, STAGES } from '@clearinghouse/shared';
import type { Authenticate } from '../authorize/authenticate.ts';
import { ACCOUNT_HEADER, type ChooseSender } from '../custody/choose-sender.ts';
import type { PaymentOutcome } from '../holds/make-payment.ts';
import { SIGNER_LIMITS } from '../limits.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import { decodePaymentRequest } from '../wire/decode-payment-request.ts';
import type { PaymentRequest } from '../wire/payment-request.ts';
import { readBody } from './read-body.ts';
import { authenticateRequest, headerOf } from './read-request.ts';

export type GenerateLivePaymentDeps = {
  /** Tokens and API keys; or, where a webhook decides, everybody. */
  readonly authenticatePayment: Authenticate;
  readonly chooseSender: ChooseSender;
  readonly makePayment: (input: {
    readonly request: PaymentRequest;
    readonly principal: Principal;
    readonly newSender: Address;
    readonly rawHeaders: readonly string[];
  }) => Promise<PaymentOutcome>;
};

/** A payment or why there is none, and whose it is once that is known. */
export type PaymentAnswer = {
  readonly outcome: PaymentOutcome;
  readonly principal?: Principal;
};

/** `POST /generate-live-payment`: size, then who asks, then the payment. */
export async function generateLivePayment(
  deps: GenerateLivePaymentDeps,
  req: IncomingMessage,
): Promise<PaymentAnswer> {
  const body = await readBody(req, SIGNER_LIMITS.bodyBytesMax);
  const asked = runStage(STAGES['signer.authenticate'], () =>
    authenticateRequest(deps.authenticatePayment, req),
  );
  // Known just now, as a rule: no turn is spent on it.
  const caller = asked instanceof Promise ? await asked : asked;
  if (!caller.ok) return { outcome: refusePlan(caller.code) };
  const { principal } = caller;
  const decoded = decodePaymentRequest(body);
  if (!decoded.ok) return { outcome: refusePlan(decoded.code), principal };
  const newSender = deps.chooseSender(headerOf(req, ACCOUNT_HEADER));
  if (newSender === undefined) return { outcome: refusePlan('unknown_account'), principal };
  const { rawHeaders } = req;
  const { request } = decoded;
  const outcome = await runStage(
    STAGES['signer.payment'],
    () => deps.makePayment({ request, principal, newSender, rawHeaders }),
    () => ({
      notes: {
        'clearinghouse.app_id': principal.appId,
        'clearinghouse.subject': principal.subject,
      },
    }),
  );
  return { outcome, principal };
}
