import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { LIMITS } from '../limits.ts';

/** A client credentials request in the form that nearly every backend sends. */
export type MachineRequest = {
  readonly clientId: string;
  readonly secret: string;
  readonly scope: string;
  /** Values of `resource` and `audience`. */
  readonly targets: readonly string[];
};

const FORM = /^application\/x-www-form-urlencoded(?: *; *charset="?utf-8"?)?$/i;
const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/;
/** Nothing that would read otherwise when it is form-decoded (RFC 6749, section 2.3.1). */
const CREDENTIALS = /^(m2m_[0-9a-f]{24}):([A-Za-z0-9_-]{16,256})$/;
/** A form without anything to be surprised at. */
const PLAIN = /^[\w=&%.:+/*~-]+$/;
/** What may stand there, once each. */
const NAMES: ReadonlySet<string> = new Set(['grant_type', 'scope', 'resource', 'audience']);
/** Headers that make it another kind of request: a browser's, a bound one, an encoded one. */
const OTHER_KINDS = ['origin', 'dpop', 'content-encoding', 'transfer-encoding', 'expect'] as const;

/**
 * Could this be such a request? Told by its headers alone.
 *
 * @returns how many bytes its body has; 0 for no.
 */
export function machineRequestBytes(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  at: { readonly path: string; readonly hosts: ReadonlySet<string> },
): number {
  const { headers } = request;
  if (request.method !== 'POST' || request.url !== at.path) return 0;
  if (!at.hosts.has(headers.host ?? '') || headers.authorization === undefined) return 0;
  if (!FORM.test(headers['content-type'] ?? '')) return 0;
  if (OTHER_KINDS.some((name) => headers[name] !== undefined)) return 0;
  const bytes = Number(headers['content-length'] ?? 0);
  return bytes <= LIMITS.machineRequestBytesMax ? bytes : 0;
}

/**
 * Reads such a request. All that is out of the ordinary, every mistake too, gives undefined: it is
 * for the issuer's library to say what is wrong with it.
 */
export function readMachineRequest(
  headers: IncomingHttpHeaders,
  body: string,
): MachineRequest | undefined {
  const [, encoded = ''] = BASIC.exec(headers.authorization ?? '') ?? [];
  const pair = Buffer.from(encoded, 'base64').toString('latin1');
  const [, clientId, secret] = CREDENTIALS.exec(pair) ?? [];
  const form = readForm(body);
  if (clientId === undefined || secret === undefined || !form) return undefined;
  const scope = form.get('scope') ?? '';
  if (form.get('grant_type') !== 'client_credentials' || scope === '') return undefined;
  const targets = ['resource', 'audience'].flatMap((name) => form.get(name) ?? []);
  return { clientId, secret, scope, targets };
}

function readForm(body: string): ReadonlyMap<string, string> | undefined {
  if (!PLAIN.test(body)) return undefined;
  const form = new Map<string, string>();
  for (const pair of body.split('&')) {
    const [name = '', value, ...more] = pair.split('=');
    const text = value === undefined ? undefined : decode(value);
    if (!NAMES.has(name) || form.has(name) || !text || more.length > 0) return undefined;
    form.set(name, text);
  }
  return form;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
