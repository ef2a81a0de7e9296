import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A body made once, with the tag by which caches ask whether it changed. */
export type StaticBody = { readonly bytes: Buffer; readonly etag: string };

/** Serialises a body and names its content. */
export function staticBody(value: unknown): StaticBody {
  const text = JSON.stringify(value);
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  return { bytes: Buffer.from(text), etag };
}

/** Answers GET and HEAD with it, for every origin; 304 to who has it already. */
export function sendStatic(
  request: IncomingMessage,
  response: ServerResponse,
  what: { readonly body: StaticBody; readonly cacheControl: string },
): void {
  const { body, cacheControl } = what;
  const tags = request.headers['if-none-match'];
  const cached = {
    'Cache-Control': cacheControl,
    'Access-Control-Allow-Origin': '*',
    ETag: body.etag,
  };
  if (tags !== undefined && hasTag(tags, body.etag)) {
    response.writeHead(304, cached).end();
    return;
  }
  response.writeHead(200, {
    ...cached,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.bytes.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body.bytes);
}

/** RFC 9110, 13.1.2; a client that says `no-cache` beside it still only asks for a check. */
function hasTag(header: string, etag: string): boolean {
  return header.split(',').some((part) => part.trim().replace(/^W\//, '') === etag);
}
