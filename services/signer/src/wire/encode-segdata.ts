import { openMessage } from './message-writer.ts';

/** keccak256 of nothing: the hash of the segment that go-livepeer pretends to send. */
export const EMPTY_SEGMENT_HASH = Buffer.from(
  'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  'hex',
);

/** Writes `net.SegData`, the credentials of a payment's segment. Capabilities only when given. */
export function encodeSegdata(input: {
  readonly manifestId: string;
  readonly signature: Uint8Array;
  readonly capabilities: Uint8Array | undefined;
  /** `net.AuthToken`, encoded. */
  readonly authToken: Uint8Array;
}): Uint8Array {
  const out = openMessage();
  out.text(1, input.manifestId);
  out.bytes(3, EMPTY_SEGMENT_HASH);
  out.text(4, 'invalid');
  out.bytes(5, input.signature);
  if (input.capabilities) out.message(7, input.capabilities);
  out.message(8, input.authToken);
  return out.finish();
}
