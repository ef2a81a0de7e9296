import { segmentPath, syncFolder } from './folder.ts';
import type { OpenSegment, SegmentFile } from './segment-file.ts';

/** Where a record stands in the journal of a process. */
export type RecordPlace = { readonly segment: number; readonly offset: number };

/** Writes groups of framed records, into one segment after the other. */
export type SegmentWriter = {
  /**
   * Appends a group, down to the disk; gives the place of each frame.
   *
   * @throws Error when that failed; then `takeBack` decides what is left of it.
   */
  readonly write: (frames: readonly Buffer[]) => Promise<readonly RecordPlace[]>;
  /** Cuts off what a failed write may have left. @throws Error when that is not possible. */
  readonly takeBack: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type SegmentWriterOptions = {
  readonly folder: string;
  readonly openSegment: OpenSegment;
  readonly segmentBytesMax: number;
  readonly onClosed: (segment: number) => void;
};

type Active = { readonly file: SegmentFile; readonly segment: number; length: number };

/** Opens the first segment of a folder. */
export async function createSegmentWriter(options: SegmentWriterOptions): Promise<SegmentWriter> {
  // A number is used once: a segment that could not be begun may have left its file behind.
  let next = 2;
  let active = await begin(options, 1);

  const rotate = async () => {
    next += 1;
    const fresh = await begin(options, next - 1);
    const old = active;
    active = fresh;
    options.onClosed(old.segment);
    await old.file.close();
  };
  return {
    write: async (frames) => {
      if (active.length >= options.segmentBytesMax) await rotate();
      await active.file.append(frames);
      return frames.map((frame) => {
        const place = { segment: active.segment, offset: active.length };
        active.length += frame.length;
        return place;
      });
    },
    takeBack: () => active.file.cut(active.length),
    close: () => active.file.close(),
  };
}

/** The name of a new segment is durable before anything counts that stands in it. */
async function begin(options: SegmentWriterOptions, segment: number): Promise<Active> {
  const file = await options.openSegment(segmentPath(options.folder, segment));
  await syncFolder(options.folder);
  return { file, segment, length: 0 };
}
