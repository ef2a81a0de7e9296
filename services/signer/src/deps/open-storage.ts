import { join } from 'node:path';
import type { Logger } from '@clearinghouse/shared';
import { createFolder, removeFolder } from '../journal/folder.ts';
import { keepHeartbeat } from '../journal/keep-heartbeat.ts';
import { createKeepUnresolved, type KeepUnresolved } from '../journal/keep-unresolved.ts';
import { type Journal, openJournal } from '../journal/open-journal.ts';
import { ownIdentity, type ProcessIdentity } from '../journal/process-identity.ts';
import { openSegment } from '../journal/segment-file.ts';
import { RUNTIME_LIMITS } from '../limits.ts';

/** The disk of this process. */
export type Storage = {
  readonly own: ProcessIdentity;
  readonly journal: Journal;
  readonly keepUnresolved: KeepUnresolved;
  /** Closes the journal; with nothing left in it, its folder goes too. */
  readonly close: () => Promise<{ readonly isEmpty: boolean }>;
};

/** Makes the journal folder of this process and opens the journal in it. */
export async function openStorage(options: {
  readonly journalDir: string;
  readonly replicaId: string;
  readonly log: Logger;
  readonly onLost: (reason: string) => void;
}): Promise<Storage> {
  const { journalDir, replicaId, log } = options;
  const folder = join(journalDir, replicaId);
  const own = ownIdentity();
  const onFault = (err: unknown) => log.error({ alarm: 'journal_fault', err }, 'journal fault');
  await createFolder(folder, own);
  let isLost = false;
  const onLost = (reason: string) => {
    if (isLost) return;
    isLost = true;
    options.onLost(reason);
  };
  const journal = await openJournal({ folder, openSegment, onLost, onFault });
  const heartbeat = keepHeartbeat({ folder, onClaimed: () => onLost('claimed'), onFault });
  const probing = setInterval(() => void journal.probe(), RUNTIME_LIMITS.heartbeatMs);
  return {
    own,
    journal,
    keepUnresolved: createKeepUnresolved({ journalDir, replicaId, onFault }),
    close: async () => {
      clearInterval(probing);
      await journal.close();
      heartbeat.stop();
      const isEmpty = !isLost && journal.needed() === 0;
      if (isEmpty) await removeFolder(folder);
      return { isEmpty };
    },
  };
}
