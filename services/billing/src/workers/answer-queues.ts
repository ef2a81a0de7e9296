import {
  answerQueue,
  type ChainReply,
  type ChainRequest,
  chainRequestSchema,
  holdRequestSchema,
  identityChangedSchema,
  type Logger,
  listenQueue,
  type PriceReplyWire,
  priceRequestSchema,
  type QueueConnection,
  type ReleaseResult,
  releaseRequestSchema,
  runStage,
  type SettleItem,
  type SettleResult,
  STAGES,
  settleRequestSchema,
  type Watermark,
  watermarkSchema,
} from '@clearinghouse/shared';
import type { HoldCoalescer } from '../holds/coalesce-holds.ts';

/** The operations behind billing's queues. */
export type QueueOperations = {
  readonly requestHolds: HoldCoalescer['request'];
  readonly settleHolds: (items: readonly SettleItem[]) => Promise<SettleResult[]>;
  readonly releaseHolds: (holdIds: readonly string[]) => Promise<ReleaseResult[]>;
  readonly takeChainStep: (request: ChainRequest) => Promise<ChainReply>;
  readonly readPrice: () => Promise<PriceReplyWire>;
  readonly recordWatermark: (watermark: Watermark) => Promise<void>;
};

/** Settlements of several requests at once gain nothing: they wait for the same balances. */
const SETTLE_CONCURRENCY = 2;
const RELEASE_CONCURRENCY = 2;
/** Steps along one chain wait for each other. */
const CHAIN_CONCURRENCY = 2;

/** Starts answering and listening; the connection's close stops it. */
export function answerQueues(
  connection: QueueConnection,
  operations: QueueOperations,
  log: Logger,
): void {
  answerQueue(connection, 'hold-request', {
    requestSchema: holdRequestSchema,
    handle: async (body, meta) => ({
      answers: await operations.requestHolds({
        replicaId: body.replicaId,
        items: body.items,
        deadlineAtMs: meta.deadlineAtMs,
        traces: body.traces,
      }),
    }),
  });
  answerQueue(connection, 'usage-settle', {
    requestSchema: settleRequestSchema,
    concurrency: SETTLE_CONCURRENCY,
    handle: ({ items, traces }) =>
      runStage(
        STAGES['billing.settle'],
        async () => ({ results: await operations.settleHolds(items) }),
        () => ({ parents: traces ?? [], notes: { 'clearinghouse.items': items.length } }),
      ),
  });
  answerQueue(connection, 'hold-release', {
    requestSchema: releaseRequestSchema,
    concurrency: RELEASE_CONCURRENCY,
    handle: async (body) => ({
      results: await operations.releaseHolds(body.items.map(({ holdId }) => holdId)),
    }),
  });
  answerQueue(connection, 'chain-events', {
    requestSchema: chainRequestSchema,
    concurrency: CHAIN_CONCURRENCY,
    handle: async (body) => operations.takeChainStep(body),
  });
  answerQueue(connection, 'price-read', {
    requestSchema: priceRequestSchema,
    handle: () => operations.readPrice(),
  });
  listenQueue(connection, 'journal-watermark', {
    schema: watermarkSchema,
    handle: (body) => operations.recordWatermark(body),
  });
  // Nothing is cached here: the status of every identity is read inside each hold.
  listenQueue(connection, 'identity-changed-billing', {
    schema: identityChangedSchema,
    handle: async (body) => log.debug({ changes: body.changes.length }, 'identities changed'),
  });
}
