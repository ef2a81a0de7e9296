import { isIPv6 } from 'node:net';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { DISCOVERY_LIMITS } from '../limits.ts';
import { decodeOffer, type Offer } from '../wire/decode-offer.ts';
import { openMessage } from '../wire/message-writer.ts';
import { type Node, serverNameOf } from './node.ts';

const METHOD = '/net.Orchestrator/GetOrchestrator';

/** Who asks: an account of ours and its signature over its address. */
export type Introduction = { readonly address: Uint8Array; readonly signature: Uint8Array };

/** `net.OrchestratorRequest`. */
export function encodeOrchestratorRequest({ address, signature }: Introduction): Buffer {
  const out = openMessage();
  out.bytes(1, address);
  out.bytes(2, signature);
  return Buffer.from(out.finish());
}

/**
 * Asks a node what it offers, over gRPC.
 *
 * @throws Error when it does not answer in time, or with something else than an offer.
 */
export async function askOrchestrator(node: Node, request: Buffer): Promise<Offer> {
  const target = isIPv6(node.ip) ? `ipv6:[${node.ip}]` : `ipv4:${node.ip}`;
  const name = serverNameOf(node);
  const client = new Client(`${target}:${node.port}`, openCredentials(), {
    'grpc.ssl_target_name_override': name,
    'grpc.default_authority': name,
    'grpc.max_receive_message_length': DISCOVERY_LIMITS.offerBytesMax,
    // Each node is asked once in a long while: nothing is kept open, nothing is tried again.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
  });
  try {
    const offer = decodeOffer(await call(client, request));
    if (!offer) throw new Error('the answer is no offer');
    return offer;
  } finally {
    client.close();
  }
}

/**
 * Orchestrators make their certificates themselves, so there is nothing to verify them by: what
 * binds them is their signature under ticket parameters. go-livepeer's nodes do the same.
 */
function openCredentials() {
  return credentials.createSsl(null, null, null, {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
}

function call(client: Client, request: Buffer): Promise<Buffer> {
  const deadline = Date.now() + DISCOVERY_LIMITS.orchestratorTimeoutMs;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      METHOD,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      request,
      new Metadata(),
      { deadline },
      (error, answer) => {
        if (error) reject(new Error(`gRPC status ${error.code}`));
        else if (answer === undefined) reject(new Error('no answer'));
        else resolve(answer);
      },
    );
  });
}
