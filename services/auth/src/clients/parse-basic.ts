/** Credentials read from a Basic header. */
export type BasicCredentials = { readonly id: string; readonly secret: string };

const HEADER = /^basic ([A-Za-z0-9+/_-]+={0,2})$/i;
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * Reads a Basic header. RFC 6749 wants id and secret form-encoded before base64, many clients
 * leave that out: both readings are given, the encoded one first, one when they are equal.
 */
export function parseBasic(header: string): BasicCredentials[] {
  const [, encoded] = HEADER.exec(header.trim()) ?? [];
  if (encoded === undefined) return [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1 || !PRINTABLE.test(text)) return [];
  const plain = { id: text.slice(0, colon), secret: text.slice(colon + 1) };
  const decoded = { id: formDecode(plain.id), secret: formDecode(plain.secret) };
  if (decoded.id === undefined || decoded.secret === undefined) return [plain];
  const first = { id: decoded.id, secret: decoded.secret };
  return first.id === plain.id && first.secret === plain.secret ? [plain] : [first, plain];
}

function formDecode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', '%20'));
    return decoded === '' || PRINTABLE.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
