import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { errorBody } from '../wire/error-body.ts';
import { type AnswerNotes, noteAnswer, refusalOf } from './answer-errors.ts';
import {
  type GenerateLivePaymentDeps,
  generateLivePayment,
  type PaymentAnswer,
} from './generate-live-payment.ts';
import { type HttpRefusal, JSON_TYPE, refusalHeaders } from './refuse.ts';

/** The path of payments. */
export const PAYMENT_PATH = '/generate-live-payment';

type Gone = { readonly outcome: undefined };
type Answer = PaymentAnswer | { readonly outcome: HttpRefusal & { readonly ok: false } } | Gone;

/**
 * Makes the listener of payments, which are nearly all that a signer is asked. It stands on
 * node:http alone: the framework would cost as much again as the whole of HTTP. Errors, counts
 * and the log are the same as everywhere.
 */
export function answerPayments(deps: GenerateLivePaymentDeps & AnswerNotes): RequestListener {
  return (req, res) => {
    answerPayment(deps, req, res).catch((err: unknown) => {
      deps.log.warn({ err }, 'an answer could not be sent');
      res.destroy();
    });
  };
}

async function answerPayment(
  deps: GenerateLivePaymentDeps & AnswerNotes,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const startedMs = deps.monotonicMs();
  const answer = await decide(deps, req);
  const { outcome } = answer;
  if (outcome === undefined) return;
  const path = PAYMENT_PATH;
  const principal = 'principal' in answer ? answer.principal : undefined;
  if (outcome.ok) {
    res.writeHead(200, ['Content-Type', JSON_TYPE, 'Content-Length', `${outcome.body.length}`]);
    res.end(outcome.body);
    noteAnswer(deps, { path, status: 200, startedMs, principal, tickets: outcome.tickets });
    return;
  }
  const { status, code } = outcome;
  const detail = 'detail' in outcome ? outcome.detail : undefined;
  const body = Buffer.from(errorBody(outcome));
  res.writeHead(status, { ...refusalHeaders(outcome), 'Content-Length': body.length });
  res.end(body);
  noteAnswer(deps, { path, status, startedMs, code, detail, principal });
}

async function decide(
  deps: GenerateLivePaymentDeps & AnswerNotes,
  req: IncomingMessage,
): Promise<Answer> {
  try {
    return await generateLivePayment(deps, req);
  } catch (thrown) {
    const refusal = refusalOf(deps.log, { path: PAYMENT_PATH, req, thrown });
    return { outcome: refusal && { ok: false, ...refusal } };
  }
}
