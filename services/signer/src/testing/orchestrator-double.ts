import { readFileSync } from 'node:fs';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { encodeCapabilities } from '../wire/encode-capabilities.ts';
import { openMessage } from '../wire/message-writer.ts';

/** A capability's model, and what one unit of it costs; without a price: it is offered, unpriced. */
export type OfferedModel = {
  readonly capability: number;
  readonly model: string;
  readonly price?: readonly [wei: bigint, pixels: bigint];
};

/** What it does when it is asked. */
export type OrchestratorMode = 'proper' | 'hang' | 'nonsense' | 'refuse' | 'huge';

/** A node as go-livepeer has it: gRPC and HTTP on one port, a certificate that nobody vouches for. */
export type OrchestratorDouble = {
  readonly uri: string;
  readonly rules: { grpc: OrchestratorMode; http: OrchestratorMode };
  /** Requests of `GetOrchestrator`, without gRPC's frame. */
  readonly asked: Buffer[];
  readonly stop: () => Promise<void>;
};

const TLS = join(import.meta.dirname, 'tls');
const FRAME_BYTES = 5;
const HUGE_BYTES = 3 * 1024 * 1024;

/** Starts one on a free port of this machine. */
export async function startOrchestratorDouble(what: {
  readonly models?: readonly OfferedModel[];
  /** Answered under `/discovery`, given its own URI. */
  readonly discovery?: (uri: string) => string;
}): Promise<OrchestratorDouble> {
  const rules: OrchestratorDouble['rules'] = { grpc: 'proper', http: 'proper' };
  const asked: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createSecureServer({
    allowHTTP1: true,
    key: readFileSync(join(TLS, 'server.key')),
    cert: readFileSync(join(TLS, 'server.pem')),
  });
  let uri = '';
  server.on('request', (req, res) => {
    if (req.headers['content-type'] === 'application/grpc') {
      void answerGrpc(req, res, { mode: rules.grpc, asked, models: what.models ?? [] });
    } else answerHttp(req, res, { mode: rules.http, text: what.discovery?.(uri) });
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  uri = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    uri,
    rules,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answerGrpc(
  req: Http2ServerRequest,
  res: Http2ServerResponse,
  what: { mode: OrchestratorMode; asked: Buffer[]; models: readonly OfferedModel[] },
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  what.asked.push(Buffer.concat(chunks).subarray(FRAME_BYTES));
  if (what.mode === 'hang') return;
  const isRefused = what.mode === 'refuse' || req.url !== '/net.Orchestrator/GetOrchestrator';
  res.setHeader('content-type', 'application/grpc');
  res.addTrailers({ 'grpc-status': isRefused ? '12' : '0' });
  if (isRefused) {
    res.end();
    return;
  }
  const message = what.mode === 'nonsense' ? Buffer.from([0xff, 0xff]) : encodeInfo(what.models);
  const body = what.mode === 'huge' ? Buffer.alloc(HUGE_BYTES) : message;
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.writeUInt32BE(body.length, 1);
  res.end(Buffer.concat([frame, body]));
}

function answerHttp(
  req: Http2ServerRequest,
  res: Http2ServerResponse,
  what: { mode: OrchestratorMode; text: string | undefined },
): void {
  if (what.mode === 'hang') return;
  const isThere = req.url === '/discovery' && what.text !== undefined && what.mode !== 'refuse';
  res.statusCode = isThere ? 200 : 404;
  if (what.mode === 'huge') res.end(Buffer.alloc(HUGE_BYTES, 0x20));
  else res.end(what.mode === 'nonsense' ? '{' : (what.text ?? ''));
}

/** `net.OrchestratorInfo` with what it offers. */
export function encodeInfo(models: readonly OfferedModel[]): Buffer {
  const perCapability = new Map<
    number,
    Map<string, { warm: boolean; capacity: number; runnerVersion: string }>
  >();
  for (const { capability, model } of models) {
    const known = perCapability.get(capability) ?? new Map();
    known.set(model, { warm: true, capacity: 1, runnerVersion: '' });
    perCapability.set(capability, known);
  }
  const out = openMessage();
  out.text(1, 'https://orchestrator.example:8935');
  out.message(
    5,
    encodeCapabilities({
      bitstring: [],
      mandatories: [],
      capacities: new Map(),
      version: '',
      minVersion: '',
      perCapability,
    }),
  );
  for (const { capability, model, price } of models) {
    if (price === undefined) continue;
    const info = openMessage();
    info.integer(1, price[0]);
    info.integer(2, price[1]);
    info.integer(3, BigInt(capability));
    info.text(4, model);
    out.message(33, info.finish());
  }
  return Buffer.from(out.finish());
}
