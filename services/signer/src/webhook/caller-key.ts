import { hash } from 'node:crypto';
import { canonicalHeaders, encodeHeaders } from './canonical-headers.ts';

/**
 * Headers that differ between requests of one caller and name nobody. Anything else may be what a
 * webhook goes by: a key of its own, a cookie, an address that a proxy tells.
 */
const NAMES_NOBODY: ReadonlySet<string> = new Set([
  'Accept',
  'Accept-Charset',
  'Accept-Encoding',
  'Accept-Language',
  'B3',
  'Baggage',
  'Cf-Ray',
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'Date',
  'Expect',
  'Keep-Alive',
  'Request-Id',
  'Te',
  'Traceparent',
  'Tracestate',
  'User-Agent',
  'Via',
  'X-Amzn-Trace-Id',
  'X-B3-Parentspanid',
  'X-B3-Sampled',
  'X-B3-Spanid',
  'X-B3-Traceid',
  'X-Cloud-Trace-Context',
  'X-Correlation-Id',
  'X-Request-Id',
]);

/**
 * Tells callers apart whom only the operator's webhook knows: by all that they present but what
 * names nobody. A header that changes with every request costs a question each time, never a
 * permission for somebody else. Nothing is kept of them but a SHA-256.
 */
export function callerKey(rawHeaders: readonly string[]): string {
  const headers = canonicalHeaders(rawHeaders);
  for (const name of headers.keys()) {
    if (NAMES_NOBODY.has(name)) headers.delete(name);
  }
  return `webhook:${hash('sha256', encodeHeaders(headers), 'base64')}`;
}
