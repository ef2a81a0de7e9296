import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { LIMITS } from '../limits.ts';

/** An answer: status, headers in lower case, and the whole body. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
};

/** Names and values in the order in which they go out. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * Posts a body with exactly these headers, in this order; Node adds only `Connection`. What goes
 * over the wire is what the imitated client sends.
 *
 * @throws Error when there is no answer in time, or it is too large.
 */
export function post(input: {
  readonly url: string;
  readonly headers: HeaderList;
  readonly body: string;
  readonly timeoutMs: number;
}): Promise<HttpAnswer> {
  const url = new URL(input.url);
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = [['Host', url.host] as const, ...input.headers].flat();
  return new Promise((resolve, reject) => {
    const request = open(url, { method: 'POST', headers, setHost: false }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LIMITS.answerBytesMax) request.destroy(new Error('the answer is too large'));
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const raw = Buffer.concat(chunks);
        const isZipped = response.headers['content-encoding'] === 'gzip';
        resolve({
          status: response.statusCode ?? 0,
          headers: flatten(response.headers),
          body: isZipped ? gunzipSync(raw) : raw,
        });
      });
    });
    request.setTimeout(input.timeoutMs, () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(input.body);
  });
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}
