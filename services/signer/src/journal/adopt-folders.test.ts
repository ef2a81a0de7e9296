import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, type SettleResult } from '@clearinghouse/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { makeHoldItem, makePayload } from '../testing/payment-records.ts';
import { type AdoptFoldersDeps, createFolderAdopter } from './adopt-folders.ts';
import { claimFolder } from './claim-folder.ts';
import { claimPath, createFolder, HEARTBEAT_FILE, listFolder, segmentPath } from './folder.ts';
import { frameRecord, readFrames } from './frame.ts';
import { readSettlement, type Settlement } from './journal-record.ts';
import { createKeepUnresolved } from './keep-unresolved.ts';
import { ownIdentity, type ProcessIdentity } from './process-identity.ts';

const OWN = ownIdentity();
/** Of this machine and boot, with a start that no running process has. */
const GONE: ProcessIdentity = { ...OWN, startTicks: OWN.startTicks + 1 };
const ELSEWHERE: ProcessIdentity = { ...OWN, host: `${hostname()}-other`, pid: 1 };
const ADOPT_AFTER_MS = 15_000;

let journalDir: string;
let clock: ManualClock;
let settled: Settlement[];
let told: string[];
let result: (settlement: Settlement) => SettleResult;
let tells: boolean;

beforeEach(() => {
  journalDir = mkdtempSync(join(tmpdir(), 'journals-'));
  clock = createManualClock();
  settled = [];
  told = [];
  result = () => 'settled';
  tells = true;
});

function deps(change: Partial<AdoptFoldersDeps> = {}): AdoptFoldersDeps {
  return {
    own: OWN,
    monotonicMs: clock.monotonicMs,
    log: createLog({ service: 'test', level: 'silent' }),
    settle: async (settlements) => {
      settled.push(...settlements);
      return settlements.map(result);
    },
    isAcknowledged: (one) => ['settled', 'already', 'late'].includes(one),
    keepUnresolved: createKeepUnresolved({
      journalDir,
      replicaId: 'me',
      onFault: (error) => {
        throw error;
      },
    }),
    tellLast: async (replicaId) => {
      if (tells) told.push(replicaId);
      return tells;
    },
    ...change,
  };
}

const adopter = (change: Partial<AdoptFoldersDeps> = {}) =>
  createFolderAdopter(deps(change), {
    journalDir,
    ownReplicaId: 'me',
    adoptAfterMs: ADOPT_AFTER_MS,
  });

/** A journal folder with these payments in each segment. */
async function makeFolder(
  name: string,
  owner: ProcessIdentity,
  segments: readonly (readonly number[])[] = [[1, 2], [3]],
): Promise<string> {
  const folder = join(journalDir, name);
  await createFolder(folder, owner);
  segments.forEach((askNos, index) => {
    const frames = askNos.map((askNo) => frameRecord(makePayload(askNo)));
    writeFileSync(segmentPath(folder, index + 1), Buffer.concat(frames));
  });
  return folder;
}

const askNos = () => settled.map(({ askNo }) => askNo);

describe('a signer that is surely dead', () => {
  test('is adopted at once: settled, told, removed', async () => {
    const folder = await makeFolder('dead', GONE);
    await adopter().look();
    expect(askNos()).toEqual([1, 2, 3]);
    expect(told).toEqual(['dead']);
    expect(existsSync(folder)).toBe(false);
  });

  test('with nothing in its journal, too', async () => {
    await makeFolder('dead', GONE, []);
    await adopter().look();
    expect(told).toEqual(['dead']);
    expect(readdirSync(journalDir)).toEqual([]);
  });

  test('with a record that billing refuses and the disk does not take: kept, and tried again', async () => {
    const folder = await makeFolder('dead', GONE, [[1, 2]]);
    result = ({ askNo }) => (askNo === 2 ? 'unknown' : 'settled');
    let canSetAside = false;
    const aside: Uint8Array[] = [];
    const keepUnresolved = async (payload: Uint8Array) => {
      if (canSetAside) aside.push(payload);
      return canSetAside;
    };
    const looks = adopter({ keepUnresolved });
    await looks.look();
    expect(readFrames(readFileSync(segmentPath(folder, 1))).records).toHaveLength(2);
    expect(told).toEqual([]);
    canSetAside = true;
    await looks.look();
    expect(aside.map((payload) => readSettlement(payload)?.askNo)).toEqual([2]);
    expect(told).toEqual(['dead']);
    expect(existsSync(folder)).toBe(false);
  });

  test('what is no journal is left alone, however long it lies there', async () => {
    mkdirSync(join(journalDir, 'lost+found'));
    mkdirSync(join(journalDir, 'backup'));
    writeFileSync(join(journalDir, 'backup', 'notes.txt'), 'mine');
    const looks = adopter();
    await looks.look();
    clock.advance(ADOPT_AFTER_MS);
    await looks.look();
    expect(readdirSync(join(journalDir, 'backup'))).toEqual(['notes.txt']);
    expect(readdirSync(join(journalDir, 'lost+found'))).toEqual([]);
    expect(told).toEqual([]);
  });

  test('records without an owner are settled, and files of others beside them stay', async () => {
    const folder = join(journalDir, 'restored');
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(segmentPath(folder, 1), frameRecord(makePayload(1)));
    const looks = adopter();
    await looks.look();
    clock.advance(ADOPT_AFTER_MS);
    await looks.look();
    expect(askNos()).toEqual([1]);
    expect(told).toEqual(['restored']);
    expect(readdirSync(folder)).toEqual(['notes.txt']);
    clock.advance(ADOPT_AFTER_MS);
    await looks.look();
    expect(told).toEqual(['restored']);
  });

  test('with a torn end: what is whole is settled', async () => {
    const folder = await makeFolder('dead', GONE, [[1, 2]]);
    const path = segmentPath(folder, 1);
    writeFileSync(path, readFileSync(path).subarray(0, -3));
    await adopter().look();
    expect(askNos()).toEqual([1]);
    expect(told).toEqual(['dead']);
  });

  test('is told only after all is acknowledged', async () => {
    await makeFolder('dead', GONE);
    const order: string[] = [];
    const tracing: Partial<AdoptFoldersDeps> = {
      settle: async (settlements) => {
        order.push(`settle ${settlements.length}`);
        return settlements.map(() => 'already');
      },
      tellLast: async () => {
        order.push('told');
        return true;
      },
    };
    await adopter(tracing).look();
    expect(order).toEqual(['settle 2', 'settle 1', 'told']);
  });

  test('and cannot be told of: its folder stays claimed and is finished later', async () => {
    tells = false;
    const folder = await makeFolder('dead', GONE);
    const mine = adopter();
    await mine.look();
    expect(await listFolder(folder)).toMatchObject({ claim: 1, segments: [] });
    tells = true;
    await mine.look();
    expect(told).toEqual(['dead']);
    expect(existsSync(folder)).toBe(false);
    expect(askNos()).toEqual([1, 2, 3]);
  });
});

describe('payments that billing cannot settle', () => {
  test('are kept aside, whole', async () => {
    result = ({ askNo }) => (askNo === 2 ? 'unknown' : askNo === 3 ? 'mismatch' : 'settled');
    await makeFolder('dead', GONE);
    await adopter().look();
    const kept = readFrames(readFileSync(join(journalDir, 'unresolved', 'me.log')));
    const numbers = kept.records.map(({ payload }) => readSettlement(payload)?.askNo);
    expect(numbers).toEqual([2, 3]);
    const cli = join(import.meta.dirname, '../journal-cli.ts');
    const args = [cli, join(journalDir, 'unresolved', 'me.log')];
    const lines = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' });
    const printed = lines.trim().split('\n');
    expect(printed.map((line) => JSON.parse(line).hold)).toEqual([2, 3].map(makeHoldItem));
    expect(told).toEqual(['dead']);
  });

  test('damaged: the segment is kept, and its holds are not given back', async () => {
    const folder = await makeFolder('dead', GONE, [[1, 2, 3]]);
    const bytes = readFileSync(segmentPath(folder, 1));
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(segmentPath(folder, 1), bytes);
    await adopter().look();
    expect(askNos()).toEqual([1, 3]);
    expect(told).toEqual([]);
    expect(readFileSync(join(journalDir, 'unresolved', 'dead-1.damaged'))).toEqual(bytes);
    expect(existsSync(folder)).toBe(false);
  });

  test('sound frames around something that is no record: the same', async () => {
    const folder = await makeFolder('dead', GONE, [[1]]);
    writeFileSync(segmentPath(folder, 1), frameRecord(Buffer.from('{}')));
    await adopter().look();
    expect(told).toEqual([]);
    expect(readdirSync(join(journalDir, 'unresolved'))).toEqual(['dead-1.damaged']);
  });
});

describe('a signer that may live', () => {
  test('on this machine, until its heartbeat has stood still for too long', async () => {
    await makeFolder('alive', OWN);
    const mine = adopter();
    await mine.look();
    clock.advance(ADOPT_AFTER_MS - 1);
    await mine.look();
    expect(settled).toEqual([]);
    clock.advance(1);
    await mine.look();
    expect(told).toEqual(['alive']);
  });

  test('on another machine: by its heartbeat, as seen from here', async () => {
    const folder = await makeFolder('far', ELSEWHERE);
    const mine = adopter();
    for (let seconds = 0; seconds < 60; seconds += 5) {
      await mine.look();
      clock.advance(5_000);
      // Its clock is a day behind ours: only the change counts.
      utimesSync(join(folder, 'heartbeat'), seconds + 1, seconds + 1);
    }
    expect(settled).toEqual([]);
    await mine.look();
    clock.advance(ADOPT_AFTER_MS);
    await mine.look();
    expect(told).toEqual(['far']);
  });

  test('a folder that is still being made', async () => {
    mkdirSync(join(journalDir, 'new'));
    writeFileSync(join(journalDir, 'new', HEARTBEAT_FILE), '');
    const mine = adopter();
    await mine.look();
    expect(readdirSync(journalDir)).toEqual(['new']);
    clock.advance(ADOPT_AFTER_MS);
    await mine.look();
    expect(told).toEqual(['new']);
  });

  test('one’s own folder, and what is unresolved, are left alone', async () => {
    await makeFolder('me', GONE);
    mkdirSync(join(journalDir, 'unresolved'));
    const mine = adopter();
    await mine.look();
    clock.advance(ADOPT_AFTER_MS * 2);
    await mine.look();
    expect(settled).toEqual([]);
    expect(readdirSync(journalDir).sort()).toEqual(['me', 'unresolved']);
  });
});

describe('a claim is exclusive', () => {
  test('of many who try at once one has it', async () => {
    const folder = await makeFolder('dead', GONE);
    const listing = await listFolder(folder);
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => claimFolder(folder, listing, OWN)),
    );
    expect(claims.filter((path) => path !== undefined)).toEqual([claimPath(folder, 1)]);
  });

  test('two adopters settle each payment once', async () => {
    await makeFolder('dead', GONE);
    await Promise.all([adopter().look(), adopter().look()]);
    expect(askNos()).toEqual([1, 2, 3]);
    expect(told).toEqual(['dead']);
  });

  test('one whose maker lives is respected', async () => {
    const folder = await makeFolder('dead', GONE);
    writeFileSync(claimPath(folder, 1), JSON.stringify(OWN));
    await adopter().look();
    expect(settled).toEqual([]);
  });

  test('one whose maker died is passed', async () => {
    const folder = await makeFolder('dead', GONE);
    writeFileSync(claimPath(folder, 1), JSON.stringify(GONE));
    await adopter().look();
    expect(askNos()).toEqual([1, 2, 3]);
    expect(existsSync(folder)).toBe(false);
  });

  test('one that was never finished is passed when its time is over', async () => {
    const folder = await makeFolder('dead', GONE);
    writeFileSync(claimPath(folder, 1), '');
    const mine = adopter();
    await mine.look();
    expect(settled).toEqual([]);
    clock.advance(ADOPT_AFTER_MS);
    await mine.look();
    expect(told).toEqual(['dead']);
  });
});

describe('kill -9', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  test.each([20, 60, 150])('after %d records: every one that counted is settled', async (count) => {
    const folder = join(journalDir, 'killed');
    const program = join(import.meta.dirname, '../testing/append-for-ever.ts');
    child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const counted: number[] = [];
    await new Promise<void>((resolve) => {
      let text = '';
      child?.stdout?.on('data', (chunk) => {
        text += chunk;
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        counted.push(...lines.map(Number));
        if (counted.length >= count) child?.kill('SIGKILL');
      });
      child?.on('exit', () => resolve());
    });
    await adopter().look();
    const found = new Set(askNos());
    expect(counted.filter((askNo) => !found.has(askNo))).toEqual([]);
    expect(counted.length).toBeGreaterThanOrEqual(count);
    expect(told).toEqual(['killed']);
    expect(existsSync(folder)).toBe(false);
  });
});

afterEach(() => rmSync(journalDir, { recursive: true, force: true }));
