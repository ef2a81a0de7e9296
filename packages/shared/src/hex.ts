/** Bytes as lower-case hex behind `0x`. */
export type Hex = `0x${string}`;

/** An Ethereum address as lower-case hex: 20 bytes. Checksums are added only where shown. */
export type Address = Hex & { readonly __kind: 'address' };

const ADDRESS = /^0x[0-9a-f]{40}$/;
const HEX = /^0x(?:[0-9a-f]{2})*$/;

/** Parses an address of either case; `undefined` when it is not 20 bytes of hex. */
export function parseAddress(text: string): Address | undefined {
  const lower = text.toLowerCase();
  return ADDRESS.test(lower) ? (lower as Address) : undefined;
}

/** Parses `0x` hex of whole bytes; `undefined` otherwise. */
export function parseHex(text: string): Hex | undefined {
  const lower = text.toLowerCase();
  return HEX.test(lower) ? (lower as Hex) : undefined;
}

/** Bytes to `0x` hex. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

/** `0x` hex to bytes; the text must have come from {@link parseHex} or {@link toHex}. */
export function fromHex(text: Hex): Uint8Array {
  return Buffer.from(text.slice(2), 'hex');
}
