import { fitBytes, toInteger } from './normalise-bytes.ts';
import type { TicketParams } from './orchestrator-info.ts';
import { BYTES, MalformedMessage, readFields, toInt64, VARINT } from './read-fields.ts';

const UINT256_BYTES = 32;

type Expiration = { readonly round: bigint; readonly blockHash: Uint8Array };

/**
 * Reads `net.TicketParams` and normalises it: addresses to 20 bytes, hashes to 32, integers
 * at most 32 bytes long.
 *
 * @throws MalformedMessage
 */
export function decodeTicketParams(message: Uint8Array): TicketParams {
  const parts: Uint8Array[] = [];
  let expiration: Uint8Array = new Uint8Array(0);
  readFields(message, (field) => {
    if (field.wireType !== BYTES) return;
    if (field.number >= 1 && field.number <= 6) parts[field.number] = field.bytes;
    if (field.number === 7) expiration = Buffer.concat([expiration, field.bytes]);
  });
  const { round, blockHash } = readExpiration(expiration);
  return {
    recipient: fitBytes(part(parts, 1), 20),
    faceValueWei: uint256(part(parts, 2)),
    winProb: uint256(part(parts, 3)),
    recipientRandHash: fitBytes(part(parts, 4), 32),
    seed: uint256(part(parts, 5)),
    expirationBlock: uint256(part(parts, 6)),
    creationRound: round,
    creationBlockHash: blockHash,
  };
}

function readExpiration(message: Uint8Array): Expiration {
  let round = 0n;
  let blockHash: Uint8Array = new Uint8Array(0);
  readFields(message, (field) => {
    if (field.number === 1 && field.wireType === VARINT) round = toInt64(field.varint);
    if (field.number === 2 && field.wireType === BYTES) blockHash = field.bytes;
  });
  if (round < 0n) throw new MalformedMessage('negative creation round');
  return { round, blockHash: fitBytes(blockHash, 32) };
}

function part(parts: readonly Uint8Array[], number: number): Uint8Array {
  return parts[number] ?? new Uint8Array(0);
}

function uint256(bytes: Uint8Array): bigint {
  if (bytes.length > UINT256_BYTES) throw new MalformedMessage('longer than uint256');
  return toInteger(bytes);
}
