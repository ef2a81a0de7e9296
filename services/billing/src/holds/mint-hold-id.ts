import { randomBytes } from 'node:crypto';

const VERSION_7 = 0x70;
const VARIANT = 0x80;
const TIME_BYTES = 6;
const UUID_BYTES = 16;
const TAIL_BYTES = UUID_BYTES - TIME_BYTES;

/**
 * Mints UUIDv7s (RFC 9562) from the database's clock. Their time is what the day of the usage
 * event is derived from, so that a signer's clock can never choose a billing period.
 */
export function mintHoldIds(nowMs: number, count: number): string[] {
  const random = randomBytes(count * UUID_BYTES);
  return Array.from({ length: count }, (_, index) =>
    toUuid(random.subarray(index * UUID_BYTES, (index + 1) * UUID_BYTES), nowMs),
  );
}

/** Mints one. */
export function mintHoldId(nowMs: number): string {
  return toUuid(randomBytes(UUID_BYTES), nowMs);
}

/**
 * Mints what follows the time in UUIDv7s, as 20 hex digits each: for ids whose time the database
 * puts in front.
 */
export function mintIdTails(count: number): string[] {
  const random = randomBytes(count * TAIL_BYTES);
  for (let from = 0; from < random.length; from += TAIL_BYTES) {
    random[from] = VERSION_7 | ((random[from] ?? 0) & 0x0f);
    random[from + 2] = VARIANT | ((random[from + 2] ?? 0) & 0x3f);
  }
  const hex = random.toString('hex');
  return Array.from({ length: count }, (_, index) =>
    hex.slice(index * 2 * TAIL_BYTES, (index + 1) * 2 * TAIL_BYTES),
  );
}

/** The id that the database makes of a time in milliseconds and a tail. */
export function joinHoldId(timeHex: string, tail: string): string {
  const [version, variant] = [tail.slice(0, 4), tail.slice(4, 8)];
  return `${timeHex.slice(0, 8)}-${timeHex.slice(8)}-${version}-${variant}-${tail.slice(8)}`;
}

/** The time of a UUIDv7 as its first 12 hex digits. */
export function toTimeHex(nowMs: number): string {
  return nowMs.toString(16).padStart(2 * TIME_BYTES, '0');
}

function toUuid(bytes: Buffer, nowMs: number): string {
  bytes.writeUIntBE(nowMs, 0, TIME_BYTES);
  bytes[6] = VERSION_7 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = VARIANT | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  const [time, version, variant] = [hex.slice(0, 8), hex.slice(12, 16), hex.slice(16, 20)];
  return `${time}-${hex.slice(8, 12)}-${version}-${variant}-${hex.slice(20)}`;
}

/** The milliseconds since 1970 that a UUIDv7 carries. */
export function msOfHoldId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
