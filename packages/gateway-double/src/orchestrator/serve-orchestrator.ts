import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LIMITS } from '../limits.ts';
import type { Orchestrator } from './create-orchestrator.ts';

/** A running server: where it listens, whom it serves, and how to end it. */
export type OrchestratorServer = {
  readonly url: string;
  readonly orchestrator: Orchestrator;
  readonly close: () => Promise<void>;
};

/**
 * Puts an orchestrator behind HTTP on a loopback port: `POST /payment` as go-livepeer serves it,
 * and `POST /refresh-payment` as the python client asks for new params. `create` is told the
 * server's own URL, since an orchestrator names it in what it signs for.
 */
export async function serveOrchestrator(
  create: (serviceUrl: string) => Orchestrator,
  port = 0,
): Promise<OrchestratorServer> {
  const served: { orchestrator?: Orchestrator } = {};
  const server = createServer((request, response) => {
    answer(served.orchestrator, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${bound}`;
  const orchestrator = create(url);
  served.orchestrator = orchestrator;
  return {
    url,
    orchestrator,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  orchestrator: Orchestrator | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = `${request.method} ${request.url}`;
  if (orchestrator === undefined) {
    response.writeHead(503).end();
    return;
  }
  if (route === 'POST /payment') return takePayment(orchestrator, request, response);
  if (route === 'POST /refresh-payment') return refresh(orchestrator, request, response);
  response.writeHead(404).end();
}

async function takePayment(
  orchestrator: Orchestrator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const receipt = await orchestrator.pay({
    payment: headerOf(request, 'livepeer-payment'),
    segment: headerOf(request, 'livepeer-segment'),
  });
  if (!receipt.ok) {
    response.writeHead(receipt.status, { 'Content-Type': 'text/plain' }).end(`${receipt.reason}\n`);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(receipt.result);
}

async function refresh(
  orchestrator: Orchestrator,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const session = orchestrator.sessionOf(manifestIdOf(await readBody(request)));
  if (session === undefined) {
    response.writeHead(404).end();
    return;
  }
  const info = await orchestrator.infoOf(session);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(
    JSON.stringify({
      payment_params: Buffer.from(info).toString('base64'),
      orchestrator: orchestrator.serviceUrl,
      manifest_id: session.sessionId,
      payment_url: `${orchestrator.serviceUrl}/payment`,
    }),
  );
}

function manifestIdOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const manifestId = (parsed as { manifest_id?: unknown } | null)?.manifest_id;
    return typeof manifestId === 'string' ? manifestId : '';
  } catch {
    return '';
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LIMITS.requestBytesMax) throw new RangeError('the request is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
