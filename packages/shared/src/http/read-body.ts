import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../errors/service-error.ts';

/**
 * Reads a request's body up to a bound, without decoding it.
 *
 * @throws ServiceError `body_too_large` as soon as the bound is passed, whatever
 * Content-Length said.
 */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > bytesMax) throw new ServiceError('body_too_large');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) throw new ServiceError('body_too_large');
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
