import { readFile, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { RUNTIME_LIMITS } from '../limits.ts';
import { isOwned, segmentPath } from './folder.ts';
import { fitsFrame, frameRecord, readFrames } from './frame.ts';
import { probeDisk } from './probe-disk.ts';
import { createSegmentBook } from './segment-book.ts';
import type { OpenSegment } from './segment-file.ts';
import { createSegmentWriter, type RecordPlace, type SegmentWriter } from './segment-writer.ts';

/** What became of an append. `unknown`: the record may or may not be found later. */
export type AppendOutcome =
  | { readonly kept: 'kept'; readonly place: RecordPlace }
  | { readonly kept: 'not_kept' | 'unknown' };

/** A record as it was read back. */
export type PlacedRecord = { readonly place: RecordPlace; readonly payload: Buffer };

/** The journal of one process. */
export type Journal = {
  /** Resolves when the record is on the disk, or is surely not, or nobody knows. */
  readonly append: (payload: Buffer) => Promise<AppendOutcome>;
  /** The record is not needed any more; a closed segment without needed records is removed. */
  readonly acknowledge: (place: RecordPlace) => void;
  /** Every record from a place on, to the end of its segment. */
  readonly readFrom: (place: RecordPlace) => Promise<readonly PlacedRecord[]>;
  readonly canAppend: () => boolean;
  /** After a failed write: sees whether the disk takes data again. */
  readonly probe: () => Promise<void>;
  /** Records that were kept and are still needed. */
  readonly needed: () => number;
  /** Writes what waits, takes nothing more. */
  readonly close: () => Promise<void>;
};

export type OpenJournalOptions = {
  readonly folder: string;
  readonly openSegment: OpenSegment;
  /**
   * Called once, when this process must not sign any more: its folder was claimed by another, or
   * the disk failed in such a way that nobody knows what it holds.
   */
  readonly onLost: (reason: 'claimed' | 'disk') => void;
  readonly onFault: (error: unknown) => void;
  readonly segmentBytesMax?: number;
};

type Waiting = { readonly frame: Buffer; readonly resolve: (outcome: AppendOutcome) => void };
type Book = { state: 'good' | 'failing' | 'lost' | 'closed'; waiting: Waiting[] };

const NOT_KEPT: AppendOutcome = { kept: 'not_kept' };
const UNKNOWN: AppendOutcome = { kept: 'unknown' };

/**
 * Opens the journal in a folder that this process owns. All records that wait are written
 * together and one flush serves them all; while it runs the next ones collect.
 *
 * A record counts only if after its flush the folder is still this process's own: whoever
 * claims the folder reads it afterwards, and so finds every record that ever counted.
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { folder, onFault } = options;
  const segments = createSegmentBook((no) => {
    rm(segmentPath(folder, no), { force: true }).catch(onFault);
  });
  const writer = await createSegmentWriter({
    folder,
    openSegment: options.openSegment,
    segmentBytesMax: options.segmentBytesMax ?? RUNTIME_LIMITS.journalSegmentBytesMax,
    onClosed: segments.close,
  });
  const book: Book = { state: 'good', waiting: [] };
  let writing: Promise<void> | undefined;

  const run = async () => {
    // A batch of grants is signed in one turn: its records are written together.
    await setImmediate();
    while (book.waiting.length > 0) {
      const group = book.waiting;
      book.waiting = [];
      const outcomes = await writeGroup(options, book, writer, group);
      group.forEach(({ resolve }, index) => {
        const outcome = outcomes[index] ?? UNKNOWN;
        if (outcome.kept === 'kept') segments.keep(outcome.place.segment);
        resolve(outcome);
      });
    }
    writing = undefined;
  };
  const canAppend = () =>
    book.state === 'good' && book.waiting.length < RUNTIME_LIMITS.journalWaitingMax;
  return {
    append: async (payload) => {
      if (!canAppend() || !fitsFrame(payload)) return NOT_KEPT;
      return await new Promise((resolve) => {
        book.waiting.push({ frame: frameRecord(payload), resolve });
        writing ??= run();
      });
    },
    acknowledge: ({ segment }) => segments.acknowledge(segment),
    readFrom: async ({ segment, offset: from }) => {
      const { records } = readFrames(await readFile(segmentPath(folder, segment)));
      const wanted = records.filter(({ offset }) => offset >= from);
      return wanted.map(({ payload, offset }) => ({ place: { segment, offset }, payload }));
    },
    canAppend,
    probe: async () => {
      if (book.state !== 'failing' || !(await probeDisk(folder))) return;
      if (book.state === 'failing') book.state = 'good';
    },
    needed: segments.needed,
    close: async () => {
      await writing;
      if (book.state !== 'lost') book.state = 'closed';
      await writer.close();
    },
  };
}

/** Never rejects: whoever waits for a group always gets an answer. */
async function writeGroup(
  options: OpenJournalOptions,
  book: Book,
  writer: SegmentWriter,
  group: readonly Waiting[],
): Promise<readonly AppendOutcome[]> {
  if (book.state !== 'good') return group.map(() => NOT_KEPT);
  let places: readonly RecordPlace[];
  try {
    places = await writer.write(group.map(({ frame }) => frame));
  } catch (error) {
    options.onFault(error);
    const outcome = await takeBack(options, book, writer);
    return group.map(() => outcome);
  }
  const loss = findLoss(options);
  if (loss !== undefined) {
    lose(options, book, loss);
    return group.map(() => UNKNOWN);
  }
  return places.map((place) => ({ kept: 'kept', place }));
}

/** First its own mark, then others': whoever claims a folder removes both, and in that order. */
function findLoss(options: OpenJournalOptions): 'claimed' | 'disk' | undefined {
  try {
    return isOwned(options.folder) ? undefined : 'claimed';
  } catch (error) {
    options.onFault(error);
    return 'disk';
  }
}

/** Takes a failed write back, so that nobody ever settles a payment that did not leave. */
async function takeBack(
  options: OpenJournalOptions,
  book: Book,
  writer: SegmentWriter,
): Promise<AppendOutcome> {
  try {
    await writer.takeBack();
    book.state = 'failing';
    return NOT_KEPT;
  } catch (error) {
    options.onFault(error);
    lose(options, book, 'disk');
    return UNKNOWN;
  }
}

function lose(options: OpenJournalOptions, book: Book, reason: 'claimed' | 'disk'): void {
  if (book.state === 'lost') return;
  book.state = 'lost';
  options.onLost(reason);
}
