import type { IncomingMessage } from 'node:http';
import { ServiceError } from '@clearinghouse/shared';

/**
 * Reads a request's body up to a bound. Events rather than the stream's iterator: that costs a
 * payment a tenth of its time.
 *
 * @throws ServiceError `body_too_large` as soon as the bound is passed, whatever Content-Length
 * said; an error with the code `ECONNRESET` when the client went away.
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      reject(new ServiceError('body_too_large'));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      reject(new ServiceError('body_too_large'));
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
