import { type HoldItem, holdItemSchema } from '@clearinghouse/shared';

const INT8_LIMIT = 1n << 63n;
/** A rational: digits, a sign, one slash or one point. Written to a text column as it is. */
const BALANCE = /^-?[0-9]+([/.][0-9]+)?$/;

/**
 * Parses one item of a hold request on its own, so that a bad one never fails its batch.
 *
 * @returns `undefined` for an item that is malformed or contradicts itself (answer
 * `invalid_request`).
 */
export function parseHoldItem(raw: unknown): HoldItem | undefined {
  const parsed = holdItemSchema.safeParse(raw);
  return parsed.success && isConsistent(parsed.data) ? parsed.data : undefined;
}

function isConsistent(item: HoldItem): boolean {
  const { rebuild, principal, usage } = item;
  if (rebuild.stateId !== item.stateId) return false;
  if (item.nonceTo - rebuild.nonceFrom + 1 !== rebuild.numTickets) return false;
  const user = principal.subject === 'app' ? undefined : principal.subject;
  if (principal.userId !== undefined && principal.userId !== user) return false;
  const signed64 = [
    usage.pricePerUnit,
    usage.pixelsPerUnit,
    rebuild.initialPricePerUnit,
    rebuild.initialPixelsPerUnit,
  ];
  return signed64.every(fitsInt8) && BALANCE.test(rebuild.newBalance);
}

function fitsInt8(text: string): boolean {
  const value = BigInt(text);
  return value >= -INT8_LIMIT && value < INT8_LIMIT;
}
