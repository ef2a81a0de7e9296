/** Counts what each segment keeps, so that one is removed only when nothing in it is needed. */
export type SegmentBook = {
  readonly keep: (segment: number) => void;
  readonly acknowledge: (segment: number) => void;
  /** Nothing more is appended to it. */
  readonly close: (segment: number) => void;
  /** Records that were kept and not acknowledged. */
  readonly needed: () => number;
};

type Entry = { needed: number; isClosed: boolean };

/** Makes the book; `remove` is called once for each closed segment that nobody needs. */
export function createSegmentBook(remove: (segment: number) => void): SegmentBook {
  const entries = new Map<number, Entry>();
  const change = (segment: number, apply: (entry: Entry) => void) => {
    const entry = entries.get(segment) ?? { needed: 0, isClosed: false };
    entries.set(segment, entry);
    apply(entry);
    if (!entry.isClosed || entry.needed > 0) return;
    entries.delete(segment);
    remove(segment);
  };
  return {
    keep: (segment) =>
      change(segment, (entry) => {
        entry.needed += 1;
      }),
    acknowledge: (segment) =>
      change(segment, (entry) => {
        entry.needed -= 1;
      }),
    close: (segment) =>
      change(segment, (entry) => {
        entry.isClosed = true;
      }),
    needed: () => [...entries.values()].reduce((sum, { needed }) => sum + needed, 0),
  };
}
