import type { Address } from '@clearinghouse/shared';
import { SIGNER_LIMITS } from '../limits.ts';
import { createRecent } from '../memory/create-recent.ts';
import { decodePriceInfo } from './decode-price-info.ts';
import { decodeTicketParams } from './decode-ticket-params.ts';
import { openMessage } from './message-writer.ts';
import { fitBytes } from './normalise-bytes.ts';
import type { AuthToken, OrchestratorInfo } from './orchestrator-info.ts';
import { BYTES, MalformedMessage, readFields, readText, toInt64, VARINT } from './read-fields.ts';

/** A session sends the same message with each of its payments. */
const known = createRecent<OrchestratorInfo>(SIGNER_LIMITS.orchestratorInfosMax);

/**
 * Reads `net.OrchestratorInfo`. Gives `undefined` (answer `invalid_orchestrator`) when the
 * bytes are no such message, and when a part is out of bounds: a `uint256` longer than 32
 * bytes, a negative creation round, a URL that is no header text or too long. The same bytes give
 * the same object for a while: nobody may change it.
 */
export function decodeOrchestratorInfo(message: Uint8Array): OrchestratorInfo | undefined {
  if (message.length > SIGNER_LIMITS.orchestratorInfoBytesMax) return undefined;
  if (message.length > SIGNER_LIMITS.orchestratorInfoKnownBytesMax) return tryRead(message);
  const key = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString(
    'latin1',
  );
  const before = known.get(key);
  if (before !== undefined) return before;
  // A copy: what is remembered must not change with, nor keep alive, a buffer of the request.
  const info = tryRead(Buffer.from(message));
  if (info !== undefined) known.set(key, info);
  return info;
}

function tryRead(message: Uint8Array): OrchestratorInfo | undefined {
  try {
    return readInfo(message);
  } catch (fault) {
    if (fault instanceof MalformedMessage) return undefined;
    throw fault;
  }
}

function readInfo(message: Uint8Array): OrchestratorInfo {
  let transcoder = '';
  let address: Uint8Array = new Uint8Array(0);
  let ticketParams: Uint8Array | undefined;
  let priceInfo: Uint8Array | undefined;
  let authToken: Uint8Array | undefined;
  readFields(message, (field) => {
    if (field.wireType !== BYTES) return;
    if (field.number === 1) transcoder = readText(field.bytes);
    if (field.number === 2) ticketParams = merge(ticketParams, field.bytes);
    if (field.number === 3) priceInfo = merge(priceInfo, field.bytes);
    if (field.number === 4) address = field.bytes;
    if (field.number === 6) authToken = merge(authToken, field.bytes);
  });
  if (transcoder !== '' && !isHeaderText(transcoder)) throw new MalformedMessage('transcoder');
  return {
    transcoder,
    address: toAddress(address),
    ticketParams: ticketParams && decodeTicketParams(ticketParams),
    priceInfo: priceInfo && decodePriceInfo(priceInfo),
    authToken: authToken && decodeAuthToken(authToken),
  };
}

/** A message field given twice is one message: protobuf merges them. */
function merge(before: Uint8Array | undefined, bytes: Uint8Array): Uint8Array {
  return before === undefined ? bytes : Buffer.concat([before, bytes]);
}

function decodeAuthToken(message: Uint8Array): AuthToken {
  let token: Uint8Array = new Uint8Array(0);
  let sessionId = '';
  let expirationSec = 0n;
  const unknown: Uint8Array[] = [];
  readFields(message, (field) => {
    if (field.number === 1 && field.wireType === BYTES) token = field.bytes;
    else if (field.number === 2 && field.wireType === BYTES) sessionId = readText(field.bytes);
    else if (field.number === 3 && field.wireType === VARINT) expirationSec = toInt64(field.varint);
    else unknown.push(field.raw);
  });
  const out = openMessage();
  out.bytes(1, token);
  out.text(2, sessionId);
  out.integer(3, expirationSec);
  for (const raw of unknown) out.raw(raw);
  return { sessionId, expirationSec, bytes: out.finish() };
}

function isHeaderText(url: string): boolean {
  return url.length <= SIGNER_LIMITS.urlCharsMax && /^[\x21-\x7e]+$/.test(url);
}

function toAddress(bytes: Uint8Array): Address {
  return `0x${Buffer.from(fitBytes(bytes, 20)).toString('hex')}` as Address;
}
