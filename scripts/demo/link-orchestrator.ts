import {
  type ClientKind,
  type OrchestratorLink,
  type OrchestratorSession,
  type PaymentHeaders,
  post,
} from '@clearinghouse/gateway-double';
import type { Network } from './open-network.ts';

const TIMEOUT_MS = 30_000;

/**
 * How a gateway of this kind reaches the orchestrator. Go fetches orchestrator info by gRPC,
 * here a call in this process; python posts for it. A payment goes to `/payment`, except the one
 * that opens a job, which the orchestrator credits under its own id.
 */
export function linkOrchestrator(
  network: Network,
  session: OrchestratorSession,
  client: ClientKind,
): OrchestratorLink {
  const { orchestrator } = network;
  return {
    refresh: () =>
      client === 'go' ? orchestrator.infoOf(session) : askRefresh(orchestrator.serviceUrl, session),
    pay: async (headers, isOpening) => {
      if (isOpening) return orchestrator.pay(headers, session.sessionId);
      return postPayment(orchestrator.serviceUrl, session, headers);
    },
  };
}

async function postPayment(
  serviceUrl: string,
  session: OrchestratorSession,
  headers: PaymentHeaders,
): ReturnType<OrchestratorLink['pay']> {
  const answer = await post({
    url: `${serviceUrl}/payment`,
    headers: [
      ['Content-Length', '0'],
      ['Livepeer-Payment', headers.payment],
      ['Livepeer-Segment', headers.segment],
    ],
    body: '',
    timeoutMs: TIMEOUT_MS,
  });
  if (answer.status !== 200) {
    return { ok: false, status: answer.status, reason: answer.body.toString('utf8').trim() };
  }
  return { ok: true, manifestId: session.sessionId, result: answer.body };
}

async function askRefresh(serviceUrl: string, session: OrchestratorSession): Promise<Uint8Array> {
  const body = JSON.stringify({ manifest_id: session.sessionId });
  const answer = await post({
    url: `${serviceUrl}/refresh-payment`,
    headers: [
      ['Content-Type', 'application/json'],
      ['Content-Length', `${Buffer.byteLength(body)}`],
    ],
    body,
    timeoutMs: TIMEOUT_MS,
  });
  if (answer.status !== 200) throw new Error(`/refresh-payment answered ${answer.status}`);
  const { payment_params: params } = JSON.parse(answer.body.toString('utf8')) as {
    payment_params: string;
  };
  return Buffer.from(params, 'base64');
}
