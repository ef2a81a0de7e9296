import type { Address, Principal } from '@clearinghouse/shared';
import type { Context } from 'koa';
import type { Authenticate } from '../authorize/authenticate.ts';
import { ACCOUNT_HEADER, type ChooseSender } from '../custody/choose-sender.ts';
import type { PaymentOutcome } from '../holds/make-payment.ts';
import { SIGNER_LIMITS } from '../limits.ts';
import { decodePaymentRequest } from '../wire/decode-payment-request.ts';
import type { PaymentRequest } from '../wire/payment-request.ts';
import { readBody } from './read-body.ts';
import { authenticateRequest } from './read-request.ts';
import { refuse, refuseCode } from './refuse.ts';

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

/** `POST /generate-live-payment`: size, then who asks, then the payment. */
export async function generateLivePayment(
  deps: GenerateLivePaymentDeps,
  ctx: Context,
): Promise<void> {
  const body = await readBody(ctx.req, SIGNER_LIMITS.bodyBytesMax);
  const caller = await authenticateRequest(deps.authenticatePayment, ctx);
  if (!caller.ok) return refuseCode(ctx, caller.code);
  const { principal } = caller;
  ctx.state.principal = principal;
  const decoded = decodePaymentRequest(body);
  if (!decoded.ok) return refuseCode(ctx, decoded.code);
  const { rawHeaders } = ctx.req;
  const newSender = deps.chooseSender(ctx.get(ACCOUNT_HEADER));
  if (newSender === undefined) return refuseCode(ctx, 'unknown_account');
  const { request } = decoded;
  const outcome = await deps.makePayment({ request, principal, newSender, rawHeaders });
  if (!outcome.ok) {
    ctx.state.detail = outcome.detail;
    return refuse(ctx, outcome);
  }
  ctx.state.tickets = outcome.tickets;
  ctx.type = 'application/json';
  ctx.body = outcome.body;
}
