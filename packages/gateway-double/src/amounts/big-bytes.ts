/** An unsigned integer as big-endian bytes without leading zeros; zero is no bytes at all. */
export function toMinimalBytes(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError('only unsigned integers have bytes');
  if (value === 0n) return new Uint8Array();
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Big-endian bytes as an unsigned integer; no bytes are zero. */
export function fromBigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** An unsigned integer as a 32-byte word, as Solidity packs a uint256. */
export function toWord(value: bigint): Uint8Array {
  return fitLeft(toMinimalBytes(value), 32);
}

/** Go's BytesToAddress and BytesToHash: too long keeps the last bytes, too short pads left. */
export function fitLeft(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes.slice(bytes.length - length);
  const fitted = new Uint8Array(length);
  fitted.set(bytes, length - bytes.length);
  return fitted;
}

/** Bytes as lower-case hex behind `0x`. */
export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** `0x` hex as bytes. */
export function fromHex(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex');
}

/** Whether two runs of bytes are the same. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
