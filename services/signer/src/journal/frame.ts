import { crc32 } from 'node:zlib';
import { RUNTIME_LIMITS } from '../limits.ts';

/** Before each record: its length and its CRC32, 4 bytes each, big-endian. */
const FRAME_HEADER_BYTES = 8;

/** A record as it was read from a segment. */
export type FramedRecord = {
  readonly payload: Buffer;
  /** Where its frame begins. */
  readonly offset: number;
};

/** What a segment holds. */
export type SegmentContent = {
  readonly records: readonly FramedRecord[];
  /** Records that fail their checksum and stand before a sound one: the disk has lost them. */
  readonly damaged: number;
  /** The end is a part of a record: whoever wrote it died, and never gave that payment out. */
  readonly isTorn: boolean;
};

/** Whether a record has a length that can be framed. */
export function fitsFrame(payload: Uint8Array): boolean {
  return payload.length > 0 && payload.length <= RUNTIME_LIMITS.journalRecordBytesMax;
}

/**
 * A record in its frame.
 *
 * @throws RangeError for an empty one, or one longer than `journalRecordBytesMax`.
 */
export function frameRecord(payload: Uint8Array): Buffer {
  if (!fitsFrame(payload)) throw new RangeError('journal record length');
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame.writeUInt32BE(crc32(payload), 4);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}

/** Reads the records of a segment, up to its end or to where it was torn. */
export function readFrames(bytes: Buffer): SegmentContent {
  const records: FramedRecord[] = [];
  let damaged = 0;
  let suspected = 0;
  let offset = 0;
  while (offset < bytes.length) {
    const payload = payloadAt(bytes, offset);
    if (payload === undefined) break;
    if (crc32(payload) === bytes.readUInt32BE(offset + 4)) {
      records.push({ payload, offset });
      damaged += suspected;
      suspected = 0;
    } else {
      suspected += 1;
    }
    offset += FRAME_HEADER_BYTES + payload.length;
  }
  return { records, damaged, isTorn: offset < bytes.length || suspected > 0 };
}

function payloadAt(bytes: Buffer, offset: number): Buffer | undefined {
  const start = offset + FRAME_HEADER_BYTES;
  if (start > bytes.length) return undefined;
  const length = bytes.readUInt32BE(offset);
  const payload = bytes.subarray(start, start + length);
  return fitsFrame(payload) && payload.length === length ? payload : undefined;
}
