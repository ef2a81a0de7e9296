import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger, SettleResult } from '@clearinghouse/shared';
import { listFolder, removeFolder, segmentPath } from './folder.ts';
import { readFrames } from './frame.ts';
import { readSettlement, type Settlement } from './journal-record.ts';
import { type KeepUnresolved, UNRESOLVED_FOLDER } from './keep-unresolved.ts';

export type AdoptFolderDeps = {
  readonly log: Logger;
  /** Settles payments of another process; resolves with one result for each. */
  readonly settle: (settlements: readonly Settlement[]) => Promise<readonly SettleResult[]>;
  readonly isAcknowledged: (result: SettleResult) => boolean;
  readonly keepUnresolved: KeepUnresolved;
  /** Tells that the process is gone and all it signed is settled. */
  readonly tellLast: (replicaId: string) => Promise<boolean>;
};

const CHUNK = 500;

/**
 * Settles everything that a claimed folder holds, one segment after the other, each removed when
 * all of it is acknowledged; then tells billing that its process is gone, and removes the folder.
 *
 * A segment with damaged records is put aside for an operator, and billing is told nothing:
 * holds of that process are kept as disputed rather than given back.
 */
export async function adoptFolder(deps: AdoptFolderDeps, folder: string): Promise<void> {
  const replicaId = basename(folder);
  const { segments } = await listFolder(folder);
  let records = 0;
  let damaged = 0;
  for (const segment of segments) {
    const result = await adoptSegment(deps, folder, segment);
    records += result.records;
    damaged += result.damaged;
  }
  if (damaged === 0 && !(await deps.tellLast(replicaId))) {
    throw new Error('the last watermark could not be told');
  }
  await removeFolder(folder);
  deps.log.info({ replicaId, records, damaged }, 'the journal of a dead signer was settled');
}

async function adoptSegment(
  deps: AdoptFolderDeps,
  folder: string,
  segment: number,
): Promise<{ records: number; damaged: number }> {
  const path = segmentPath(folder, segment);
  const content = readFrames(await readFile(path));
  const payloads = content.records.map(({ payload }) => payload);
  let damaged = content.damaged;
  for (let from = 0; from < payloads.length; from += CHUNK) {
    damaged += await settleChunk(deps, payloads.slice(from, from + CHUNK));
  }
  if (damaged > 0) await putAside(deps, folder, segment);
  else await rm(path, { force: true });
  return { records: payloads.length, damaged };
}

/** Settles some records; gives how many of them are none. */
async function settleChunk(deps: AdoptFolderDeps, payloads: readonly Buffer[]): Promise<number> {
  const read = payloads.map((payload) => ({ payload, settlement: readSettlement(payload) }));
  const sound = read.flatMap(({ payload, settlement }) =>
    settlement ? [{ payload, settlement }] : [],
  );
  const results = await deps.settle(sound.map(({ settlement }) => settlement));
  for (const [index, { payload, settlement }] of sound.entries()) {
    const result = results[index];
    if (result !== undefined && deps.isAcknowledged(result)) continue;
    const { holdId } = settlement.item;
    deps.log.error({ alarm: 'settlement_refused', holdId, result }, 'kept as unresolved');
    if (await deps.keepUnresolved(payload)) continue;
    throw new Error('a record that billing refuses could not be set aside');
  }
  return read.length - sound.length;
}

async function putAside(deps: AdoptFolderDeps, folder: string, segment: number): Promise<void> {
  const replicaId = basename(folder);
  deps.log.error({ alarm: 'journal_damaged', replicaId, segment }, 'a segment is damaged');
  const target = join(folder, '..', UNRESOLVED_FOLDER);
  await mkdir(target, { recursive: true, mode: 0o700 });
  await rename(segmentPath(folder, segment), join(target, `${replicaId}-${segment}.damaged`));
}
