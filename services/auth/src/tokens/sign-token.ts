import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWTPayload } from 'jose';
import type { KeyRing } from './key-ring.ts';

/** On the thread pool: the loop goes on meanwhile. */
const signAside = promisify(sign);
/** Bytes of each half of an ES256 signature. */
const HALF_BYTES = 32;
/** Where the first integer's length stands in the DER of two integers. */
const FIRST_LENGTH_AT = 3;

/**
 * Signs claims with the active ES256 key: a compact JWS (RFC 7515, section 7.1; RFC 7518, section
 * 3.4). By `node:crypto` rather than WebCrypto, which takes twice the time of the loop and half as
 * much again of the processor, and this is most of what a token request costs.
 *
 * @param typ `at+jwt` for access tokens (RFC 9068); `JWT` for the token between services.
 */
export async function signToken(
  keys: KeyRing,
  claims: JWTPayload,
  typ: 'at+jwt' | 'JWT',
): Promise<string> {
  const { alg, kid, privateKey } = keys.es256;
  const signed = `${encode({ alg, kid, typ })}.${encode(claims)}`;
  // Its own conversion (`ieee-p1363`) takes as long as the signature.
  const signature = toRawSignature(await signAside('sha256', Buffer.from(signed), privateKey));
  return `${signed}.${signature.toString('base64url')}`;
}

/** From DER (two signed integers) to the two halves, each of 32 bytes. */
export function toRawSignature(der: Buffer): Buffer {
  const raw = Buffer.alloc(2 * HALF_BYTES);
  const firstLength = der[FIRST_LENGTH_AT] ?? 0;
  const first = der.subarray(FIRST_LENGTH_AT + 1, FIRST_LENGTH_AT + 1 + firstLength);
  const second = der.subarray(FIRST_LENGTH_AT + 1 + firstLength + 2);
  copyRight(first, raw, HALF_BYTES);
  copyRight(second, raw, 2 * HALF_BYTES);
  return raw;
}

/** Writes an integer so that it ends at `end`; what is beyond 32 bytes is a leading zero. */
function copyRight(integer: Buffer, raw: Buffer, end: number): void {
  const bytes = integer.length > HALF_BYTES ? integer.subarray(-HALF_BYTES) : integer;
  bytes.copy(raw, end - bytes.length);
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
