import type { HeaderList } from './post.ts';

/** Which client is imitated. */
export type ClientKind = 'go' | 'python';

/** The headers of `-remoteSignerHeaders`, such as Authorization. */
export type SignerHeaders = Readonly<Record<string, string>>;

/**
 * What Go's http.Client sends: its user agent, the length, then the request's own headers sorted
 * by name, and at last the encoding it undoes by itself.
 */
function goHeaders(signerHeaders: SignerHeaders, body: string): HeaderList {
  const own = Object.entries({ 'Content-Type': 'application/json', ...signerHeaders });
  return [
    ['User-Agent', 'Go-http-client/1.1'],
    ['Content-Length', `${Buffer.byteLength(body)}`],
    ...own.sort(([left], [right]) => (left < right ? -1 : 1)),
    ['Accept-Encoding', 'gzip'],
  ];
}

/** What python's urllib sends. */
function pythonHeaders(signerHeaders: SignerHeaders, body: string): HeaderList {
  return [
    ['Accept-Encoding', 'identity'],
    ['Content-Length', `${Buffer.byteLength(body)}`],
    ['Accept', 'application/json'],
    ['Content-Type', 'application/json'],
    ['User-Agent', 'livepeer-python-gateway/0.1'],
    ...Object.entries(signerHeaders),
    ['Connection', 'close'],
  ];
}

/** The headers that go with a body, in order. */
export function clientHeaders(
  kind: ClientKind,
  input: { readonly signerHeaders: SignerHeaders; readonly body: string },
): HeaderList {
  return kind === 'go'
    ? goHeaders(input.signerHeaders, input.body)
    : pythonHeaders(input.signerHeaders, input.body);
}
