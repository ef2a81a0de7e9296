import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { DISCOVERY_LIMITS } from '../limits.ts';
import { type Node, serverNameOf } from './node.ts';

const PATH = '/discovery';

/**
 * Fetches what a node says of its runners. Its certificate cannot be verified, as over gRPC.
 *
 * @throws Error when it does not answer with 200, in time, within its bytes.
 */
export function askRunners(node: Node): Promise<string> {
  const authority = node.host.includes(':') ? `[${node.host}]` : node.host;
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: node.ip,
        port: node.port,
        path: PATH,
        servername: serverNameOf(node),
        rejectUnauthorized: false,
        headers: { Host: `${authority}:${node.port}`, Accept: 'application/json' },
        agent: false,
        signal: AbortSignal.timeout(DISCOVERY_LIMITS.runnersTimeoutMs),
      },
      (response) => {
        readText(response).then(resolve, reject);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`HTTP ${response.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > DISCOVERY_LIMITS.runnersBytesMax) {
      response.destroy();
      throw new Error('the answer is too large');
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
