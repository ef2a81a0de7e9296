/** Bytes as go-ethereum's `BytesToAddress` and `BytesToHash`: the last `size`, zeros before. */
export function fitBytes(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes;
  const out = new Uint8Array(size);
  const from = Math.max(0, bytes.length - size);
  out.set(bytes.subarray(from), Math.max(0, size - bytes.length));
  return out;
}

/** Big-endian bytes as an integer. */
export function toInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(
    `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`,
  );
}

/** An integer as its shortest big-endian bytes; zero has none. */
export function toMinimalBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Whether every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
