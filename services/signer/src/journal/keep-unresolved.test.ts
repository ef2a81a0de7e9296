import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readFrames } from './frame.ts';
import { createKeepUnresolved, type KeepUnresolved, UNRESOLVED_FOLDER } from './keep-unresolved.ts';

let journalDir: string;
let faults: unknown[];
let keep: KeepUnresolved;
beforeEach(() => {
  journalDir = mkdtempSync(join(tmpdir(), 'unresolved-'));
  faults = [];
  const onFault = (error: unknown) => void faults.push(error);
  keep = createKeepUnresolved({ journalDir, replicaId: 'me', onFault });
});

describe('records that wait for a human', () => {
  test('stand one behind the other', async () => {
    expect(await keep(Buffer.from('one'))).toBe(true);
    expect(await keep(Buffer.from('two'))).toBe(true);
    const { records } = readFrames(readFileSync(join(journalDir, UNRESOLVED_FOLDER, 'me.log')));
    expect(records.map(({ payload }) => payload.toString())).toEqual(['one', 'two']);
    expect(faults).toEqual([]);
  });

  test('a disk that does not take one: told, and said', async () => {
    writeFileSync(join(journalDir, UNRESOLVED_FOLDER), 'a file where the folder should be');
    expect(await keep(Buffer.from('one'))).toBe(false);
    expect(faults).toHaveLength(1);
  });
});
