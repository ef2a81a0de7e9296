import { openMessage } from './message-writer.ts';
import type { PriceInfo } from './orchestrator-info.ts';
import { BYTES, readFields, readText, toInt64, toUint32, VARINT } from './read-fields.ts';

/**
 * Reads `net.PriceInfo`. Its `bytes` go into `Payment.expected_price`: the orchestrator made
 * its ticket params for exactly this price, so unknown fields are kept too.
 *
 * @throws MalformedMessage
 */
export function decodePriceInfo(message: Uint8Array): PriceInfo {
  let pricePerUnit = 0n;
  let pixelsPerUnit = 0n;
  let capability = 0;
  let constraint = '';
  const unknown: Uint8Array[] = [];
  readFields(message, (field) => {
    const isVarint = field.wireType === VARINT;
    if (field.number === 1 && isVarint) pricePerUnit = toInt64(field.varint);
    else if (field.number === 2 && isVarint) pixelsPerUnit = toInt64(field.varint);
    else if (field.number === 3 && isVarint) capability = toUint32(field.varint);
    else if (field.number === 4 && field.wireType === BYTES) constraint = readText(field.bytes);
    else unknown.push(field.raw);
  });
  const out = openMessage();
  out.integer(1, pricePerUnit);
  out.integer(2, pixelsPerUnit);
  out.integer(3, BigInt(capability));
  out.text(4, constraint);
  for (const raw of unknown) out.raw(raw);
  return { pricePerUnit, pixelsPerUnit, capability, constraint, bytes: out.finish() };
}
