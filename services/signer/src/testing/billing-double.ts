import { randomUUID } from 'node:crypto';
import {
  answerQueue,
  connectQueue,
  createLog,
  type HoldAnswerWire,
  type HoldItemWire,
  holdRequestSchema,
  listenQueue,
  type PriceReplyWire,
  priceRequestSchema,
  type ReleaseResult,
  releaseRequestSchema,
  type SettleItem,
  type SettleResult,
  settleRequestSchema,
  type Watermark,
  watermarkSchema,
} from '@clearinghouse/shared';
import { QUEUE_KEYS } from './queue-keys.ts';

/** How a queue is reached, as `createTestQueue` gives it. */
export type QueueAddress = {
  readonly redisUrl?: string;
  readonly prefix?: string;
  readonly postgresUrl?: string;
};

/** What a test decides; each may be replaced at any time. */
export type BillingRules = {
  hold: (item: HoldItemWire, grant: HoldAnswerWire) => HoldAnswerWire | Promise<HoldAnswerWire>;
  settle: (item: SettleItem) => SettleResult;
  release: (holdId: string) => ReleaseResult;
  price: PriceReplyWire['price'];
};

/** Billing as the signer sees it: answers over the real queue, and remembers what it was told. */
export type BillingDouble = {
  readonly rules: BillingRules;
  readonly asked: HoldItemWire[];
  readonly settled: SettleItem[];
  readonly released: { readonly holdId: string; readonly reason: string }[];
  readonly watermarks: Watermark[];
  readonly stop: () => Promise<void>;
};

/** Starts answering. Every hold is granted, and one asked for again is a replay. */
export function startBillingDouble(queue: QueueAddress): BillingDouble {
  const connection = connectQueue({
    ...queue,
    keys: QUEUE_KEYS,
    service: 'billing',
    replicaId: `billing-${randomUUID()}`,
    log: createLog({ service: 'billing-double', level: 'fatal' }),
  });
  const known = new Map<string, HoldAnswerWire>();
  const rules: BillingRules = {
    hold: (_item, grant) => grant,
    settle: () => 'settled',
    release: () => 'released',
    price: { priceE8: '200000000000', ageMs: 0, maxAgeMs: 120_000 },
  };
  const asked: HoldItemWire[] = [];
  const settled: SettleItem[] = [];
  const released: { holdId: string; reason: string }[] = [];
  const watermarks: Watermark[] = [];
  answerQueue(connection, 'hold-request', {
    requestSchema: holdRequestSchema,
    handle: async ({ items }) => ({
      answers: await Promise.all(
        (items as HoldItemWire[]).map((item) => {
          asked.push(item);
          return rules.hold(item, grantOf(known, item));
        }),
      ),
    }),
  });
  answerQueue(connection, 'usage-settle', {
    requestSchema: settleRequestSchema,
    handle: async ({ items }) => {
      settled.push(...items);
      return { results: items.map((item) => rules.settle(item)) };
    },
  });
  answerQueue(connection, 'hold-release', {
    requestSchema: releaseRequestSchema,
    handle: async ({ items }) => {
      released.push(...items);
      return { results: items.map(({ holdId }) => rules.release(holdId)) };
    },
  });
  answerQueue(connection, 'price-read', {
    requestSchema: priceRequestSchema,
    handle: async () => ({ price: rules.price }),
  });
  listenQueue(connection, 'journal-watermark', {
    schema: watermarkSchema,
    handle: async (watermark) => void watermarks.push(watermark),
  });
  return { rules, asked, settled, released, watermarks, stop: () => connection.close() };
}

function grantOf(known: Map<string, HoldAnswerWire>, item: HoldItemWire): HoldAnswerWire {
  const key = `${item.stateId} ${item.seq} ${item.requestHash}`;
  const before = known.get(key);
  if (before?.ok) return { ...before, replayed: true };
  const grant: HoldAnswerWire = {
    ok: true,
    holdId: randomUUID(),
    forkNo: 0,
    replayed: false,
    requestHash: item.requestHash,
    rebuild: item.rebuild,
  };
  known.set(key, grant);
  return grant;
}
