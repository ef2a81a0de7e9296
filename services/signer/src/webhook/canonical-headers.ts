import { quoteGoString } from '../wire/quote-go-string.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Go's server takes these out of the map. */
const NOT_IN_THE_MAP: ReadonlySet<string> = new Set(['Host', 'Transfer-Encoding']);

/**
 * The headers of a request as Go's `http.Header` holds them: canonical names (`X-Api-Key`), all
 * values of a name in their order, without `Host`.
 *
 * @param raw names and values in turn, as they came (`request.rawHeaders`).
 */
export function canonicalHeaders(raw: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = canonicalName(raw[index] ?? '');
    if (NOT_IN_THE_MAP.has(name)) continue;
    const values = headers.get(name);
    const value = raw[index + 1] ?? '';
    if (values) values.push(value);
    else headers.set(name, [value]);
  }
  return headers;
}

/** The same as Go's encoder writes the map: keys in order. */
export function encodeHeaders(headers: ReadonlyMap<string, readonly string[]>): string {
  const members = [...headers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => `${quoteGoString(name)}:[${values.map(quoteGoString).join(',')}]`);
  return `{${members.join(',')}}`;
}

/** `textproto.CanonicalMIMEHeaderKey`: a name that is no token stays as it is. */
function canonicalName(name: string): string {
  if (!TOKEN.test(name)) return name;
  return name
    .toLowerCase()
    .replace(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase());
}
