import { decodeAuthToken, encodeAuthToken } from './convert-orchestrator-info.ts';
import {
  bytesField,
  bytesOf,
  int64Of,
  lastOf,
  messageField,
  readFields,
  varintField,
} from './fields.ts';
import type { SegData } from './messages.ts';

const NOTHING = new Uint8Array();

/** `net.SegData` to bytes. */
export function encodeSegData(segment: SegData): Uint8Array {
  return Buffer.concat([
    bytesField(1, segment.manifestId),
    varintField(2, segment.seq),
    bytesField(3, segment.hash),
    bytesField(4, segment.profiles),
    bytesField(5, segment.sig),
    segment.capabilities === undefined ? NOTHING : messageField(7, segment.capabilities),
    segment.authToken === undefined ? NOTHING : messageField(8, encodeAuthToken(segment.authToken)),
  ]);
}

/** @throws RangeError when the bytes are not a protobuf message. */
export function decodeSegData(bytes: Uint8Array): SegData {
  const fields = readFields(bytes);
  const authToken = lastOf(fields, 8);
  return {
    manifestId: bytesOf(fields, 1),
    seq: int64Of(fields, 2),
    hash: bytesOf(fields, 3),
    profiles: bytesOf(fields, 4),
    sig: bytesOf(fields, 5),
    capabilities: lastOf(fields, 7)?.bytes,
    authToken: authToken === undefined ? undefined : decodeAuthToken(authToken.bytes),
  };
}
