import { randomBytes } from 'node:crypto';

const VERSION_7 = 0x70;
const VARIANT = 0x80;
const TIME_BYTES = 6;
const UUID_BYTES = 16;

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
