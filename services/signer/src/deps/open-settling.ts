import {
  createAsker,
  createTeller,
  type Logger,
  type QueueConnection,
  releaseReplySchema,
  settleReplySchema,
  systemClock,
} from '@clearinghouse/shared';
import type { OpenAsks } from '../holds/open-asks.ts';
import { createFolderAdopter } from '../journal/adopt-folders.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import type { Delivery } from '../settle/deliver.ts';
import { createHoldReleaser, type HoldReleaser } from '../settle/release-holds.ts';
import { createSettleKept, type SettleKept } from '../settle/settle-kept.ts';
import {
  createSettlements,
  isAcknowledged,
  type PendingSettlement,
  settleAll,
} from '../settle/settle-payments.ts';
import { startWatermark, tellLastWatermark } from '../settle/tell-watermark.ts';
import type { Storage } from './open-storage.ts';

/** What happens to payments after they are signed, and to holds that were not used. */
export type Settling = {
  readonly settlements: Delivery<PendingSettlement>;
  readonly settleKept: SettleKept;
  readonly releaser: HoldReleaser;
  readonly stop: () => Promise<void>;
};

export type OpenSettlingOptions = {
  readonly journalDir: string;
  readonly adoptAfterMs: number;
  readonly replicaId: string;
  readonly storage: Storage;
  readonly queue: QueueConnection;
  readonly asks: OpenAsks;
  readonly log: Logger;
};

/** Opens the ways to billing, and starts looking after the journals of dead signers. */
export function openSettling(options: OpenSettlingOptions): Settling {
  const { replicaId, storage, queue, asks, log } = options;
  const { journal, keepUnresolved } = storage;
  const timeoutMs = RUNTIME_LIMITS.settleTimeoutMs;
  const settlements = createSettlements({
    askSettle: createAsker(queue, 'usage-settle', { replySchema: settleReplySchema, timeoutMs }),
    replicaId,
    log,
  });
  const releaser = createHoldReleaser({
    askRelease: createAsker(queue, 'hold-release', { replySchema: releaseReplySchema, timeoutMs }),
    asks,
    replicaId,
    log,
  });
  const settleKept = createSettleKept({ settlements, journal, asks, keepUnresolved, log });
  const tell = createTeller(queue, 'journal-watermark');
  const watermark = startWatermark({ tell, asks, replicaId });
  const adopter = createFolderAdopter(
    {
      own: storage.own,
      monotonicMs: systemClock.monotonicMs,
      log,
      settle: (kept) =>
        settleAll(
          settlements,
          kept.map(({ item }) => item),
        ),
      isAcknowledged,
      keepUnresolved,
      tellLast: (deadReplicaId) => tellLastWatermark({ tell }, deadReplicaId),
    },
    {
      journalDir: options.journalDir,
      ownReplicaId: replicaId,
      adoptAfterMs: options.adoptAfterMs,
    },
  );
  adopter.start();
  return {
    settlements,
    settleKept,
    releaser,
    stop: async () => {
      adopter.stop();
      await Promise.all([
        settlements.drain(RUNTIME_LIMITS.drainMs),
        releaser.drain(RUNTIME_LIMITS.drainMs),
      ]);
      watermark.stop();
      settlements.stop();
      releaser.stop();
      const { isEmpty } = await storage.close();
      // With records left the next signer that finds the folder says this instead.
      if (isEmpty && asks.size() === 0) await tellLastWatermark({ tell }, replicaId);
    },
  };
}
