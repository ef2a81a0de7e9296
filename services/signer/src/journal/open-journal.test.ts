import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { claimPath, createFolder, segmentPath } from './folder.ts';
import { readFrames } from './frame.ts';
import { type Journal, type OpenJournalOptions, openJournal } from './open-journal.ts';
import { ownIdentity } from './process-identity.ts';
import { openSegment, type SegmentFile } from './segment-file.ts';

/** A disk that does as it is told. */
type Disk = {
  failsAppend: boolean;
  failsFlush: boolean;
  failsCut: boolean;
  /** Bytes that arrive before an append fails. */
  partial: number;
  writes: number;
};

let folder: string;
let disk: Disk;
let lost: string[];
let faults: unknown[];

async function open(change: Partial<OpenJournalOptions> = {}): Promise<Journal> {
  return openJournal({
    folder,
    openSegment: async (path) => faulty(await openSegment(path)),
    onLost: (reason) => lost.push(reason),
    onFault: (error) => faults.push(error),
    ...change,
  });
}

function faulty(file: SegmentFile): SegmentFile {
  return {
    ...file,
    append: async (parts) => {
      disk.writes += 1;
      if (!disk.failsAppend) {
        await file.append(parts);
        if (disk.failsFlush) throw new Error('input/output error');
        return;
      }
      if (disk.partial > 0) await file.append([Buffer.concat(parts).subarray(0, disk.partial)]);
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    },
    cut: async (length) => {
      if (disk.failsCut) throw new Error('input/output error');
      await file.cut(length);
    },
  };
}

const payload = (text: string) => Buffer.from(text);
const segments = () => readdirSync(folder).filter((name) => name.endsWith('.log'));
const written = (segment = 1) =>
  readFrames(readFileSync(segmentPath(folder, segment))).records.map((one) => String(one.payload));

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'journal-')), 'signer-1');
  await createFolder(folder, ownIdentity());
  disk = { failsAppend: false, failsFlush: false, failsCut: false, partial: 0, writes: 0 };
  lost = [];
  faults = [];
});

describe('group commit', () => {
  test('what is appended together shares a flush', async () => {
    const journal = await open();
    const texts = Array.from({ length: 100 }, (_, index) => `record ${index}`);
    const outcomes = await Promise.all(texts.map((text) => journal.append(payload(text))));
    expect(outcomes.every(({ kept }) => kept === 'kept')).toBe(true);
    expect(disk.writes).toBeLessThan(5);
    expect(written()).toEqual(texts);
    await journal.close();
  });

  test('a place leads back to its record, and to those behind it', async () => {
    const journal = await open();
    const outcomes = [];
    for (const text of ['a', 'b', 'c']) outcomes.push(await journal.append(payload(text)));
    const [, second] = outcomes;
    if (second?.kept !== 'kept') throw new Error('not kept');
    const records = await journal.readFrom(second.place);
    expect(records.map((record) => String(record.payload))).toEqual(['b', 'c']);
    expect(records[0]?.place).toEqual(second.place);
    await journal.close();
  });

  test('files are nobody else’s to read', async () => {
    await open();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(segmentPath(folder, 1)).mode & 0o777).toBe(0o600);
  });

  test('closing writes what waits', async () => {
    const journal = await open();
    const outcome = journal.append(payload('last'));
    await journal.close();
    expect(await outcome).toMatchObject({ kept: 'kept' });
    expect(await journal.append(payload('too late'))).toEqual({ kept: 'not_kept' });
  });

  test('another process’s segment is never written to', async () => {
    writeFileSync(segmentPath(folder, 1), 'somebody’s');
    await expect(open()).rejects.toThrow('EEXIST');
  });
});

describe('rotation', () => {
  test('a segment goes when all of it is acknowledged, and not before', async () => {
    const journal = await open({ segmentBytesMax: 20 });
    const places = [];
    for (const text of ['one', 'two', 'three', 'four']) {
      const outcome = await journal.append(payload(text));
      if (outcome.kept === 'kept') places.push(outcome.place);
    }
    expect(places.map(({ segment }) => segment)).toEqual([1, 1, 2, 2]);
    expect(journal.needed()).toBe(4);
    const [first, second] = places;
    if (!first || !second) throw new Error('not kept');
    journal.acknowledge(second);
    expect(segments()).toHaveLength(2);
    journal.acknowledge(first);
    await expect.poll(segments).toEqual(['00000002.log']);
    expect(journal.needed()).toBe(2);
    await journal.close();
  });
});

describe('a full disk', () => {
  test('nothing is kept, what was half written is taken back, and none waits in vain', async () => {
    const journal = await open();
    await journal.append(payload('before'));
    Object.assign(disk, { failsAppend: true, partial: 5 });
    expect(await journal.append(payload('lost'))).toEqual({ kept: 'not_kept' });
    expect(written()).toEqual(['before']);
    expect(journal.canAppend()).toBe(false);
    expect(await journal.append(payload('refused'))).toEqual({ kept: 'not_kept' });
    expect(lost).toEqual([]);
    expect(faults).toHaveLength(1);
    await journal.close();
  });

  test('a record that stands there whole but was not flushed is taken back', async () => {
    const journal = await open();
    disk.failsFlush = true;
    expect(await journal.append(payload('unflushed'))).toEqual({ kept: 'not_kept' });
    expect(readFileSync(segmentPath(folder, 1))).toHaveLength(0);
    await journal.close();
  });

  test('with room again it goes on where it was', async () => {
    const journal = await open();
    await journal.append(payload('before'));
    Object.assign(disk, { failsAppend: true, partial: 5 });
    await journal.append(payload('lost'));
    disk.failsAppend = false;
    await journal.probe();
    expect(journal.canAppend()).toBe(true);
    expect(await journal.append(payload('after'))).toMatchObject({ kept: 'kept' });
    expect(written()).toEqual(['before', 'after']);
    await journal.close();
  });

  test('on the device that is always full', async () => {
    const journal = await open({ openSegment: openFull });
    expect(await journal.append(payload('x'))).toEqual({ kept: 'not_kept' });
    expect(faults).toEqual([expect.objectContaining({ code: 'ENOSPC' })]);
    await journal.close();
  });
});

describe('a disk of which nothing is known', () => {
  test('neither kept nor not kept, and this process signs no more', async () => {
    const journal = await open();
    Object.assign(disk, { failsFlush: true, failsCut: true });
    expect(await journal.append(payload('x'))).toEqual({ kept: 'unknown' });
    expect(lost).toEqual(['disk']);
    expect(journal.canAppend()).toBe(false);
    await journal.probe();
    expect(journal.canAppend()).toBe(false);
    await journal.close();
  });
});

describe('a folder that is another’s now', () => {
  test('what was flushed after the claim does not count', async () => {
    const journal = await open();
    await journal.append(payload('mine'));
    writeFileSync(claimPath(folder, 1), '{}');
    expect(await journal.append(payload('too late'))).toEqual({ kept: 'unknown' });
    expect(lost).toEqual(['claimed']);
    expect(await journal.append(payload('later still'))).toEqual({ kept: 'not_kept' });
    await journal.close();
  });

  test('nor when the folder is gone', async () => {
    const journal = await open();
    rmSync(folder, { recursive: true });
    expect(await journal.append(payload('too late'))).toEqual({ kept: 'unknown' });
    expect(lost).toEqual(['claimed']);
    expect(existsSync(folder)).toBe(false);
    await journal.close();
  });
});

/** The device on which every write fails for want of space. It has no length to cut. */
async function openFull(): Promise<SegmentFile> {
  const handle = await openFile('/dev/full', 'a');
  return {
    append: async (parts) => void (await handle.write(Buffer.concat(parts))),
    cut: async () => undefined,
    close: () => handle.close(),
  };
}
