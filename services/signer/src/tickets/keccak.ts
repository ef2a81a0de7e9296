import { createKeccak } from 'hash-wasm';

// One hasher for the process: it is synchronous, so no two hashes are ever interleaved.
const hasher = await createKeccak(256);

/** keccak256 of the parts, one after the other; 32 bytes. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  hasher.init();
  for (const part of parts) hasher.update(part);
  return hasher.digest('binary');
}
