import {
  type HoldAnswerWire,
  runStage,
  type Sql,
  STAGES,
  sqlState,
  type Transaction,
  withTransaction,
} from '@clearinghouse/shared';
import { capOwners, ownerKey } from '../caps/cap.ts';
import { LIMITS } from '../limits.ts';
import { principalKey, principalRefs } from './check-principal.ts';
import { type BatchDecision, type Decision, decideHolds } from './decide-holds.ts';
import { toGrantWire, toRefusalWire } from './grant-answer.ts';
import { grantHolds } from './grant-holds.ts';
import type { HoldAsk, HoldBookQuery, HoldPolicy } from './hold-book.ts';
import { type HoldTerms, learnTerms } from './hold-terms.ts';
import { mintHoldIds } from './mint-hold-id.ts';
import { planGrants } from './plan-grants.ts';
import { readHoldBook } from './read-hold-book.ts';
import { type HoldWrites, writeHolds } from './write-holds.ts';

export type CreateHoldsDeps = {
  readonly sql: Sql;
  readonly policy: HoldPolicy;
  /** Remembered between batches; without them each batch is decided row by row. */
  readonly terms?: HoldTerms;
};

/**
 * Grants or refuses a batch of holds of any number of signers, in one transaction: nothing is
 * answered before it is committed, and a refusal writes nothing. When another process took one of
 * the batch's unique keys in between, the batch is decided again on what is stored now.
 *
 * @returns one answer for each ask, in order; the codes are those of `HOLD_REFUSALS`.
 */
export async function createHolds(
  deps: CreateHoldsDeps,
  asks: readonly HoldAsk[],
): Promise<HoldAnswerWire[]> {
  const granted = await grantAtOnce(deps, asks);
  if (granted) return granted;
  const query = toQuery(asks);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withTransaction(deps.sql, (tx) => decideAndWrite(tx, deps, asks, query));
    } catch (error) {
      if (sqlState(error) !== KEY_TAKEN || attempt >= LIMITS.holdAttemptsMax) throw error;
    }
  }
}

const KEY_TAKEN = '23505';
/** Nothing was written, and the careful way may succeed: key taken, deadlock, serialization. */
const DECLINED = new Set([KEY_TAKEN, '40P01', '40001']);

/** The way of almost every batch: planned on what is remembered, checked and written at once. */
async function grantAtOnce(
  deps: CreateHoldsDeps,
  asks: readonly HoldAsk[],
): Promise<HoldAnswerWire[] | undefined> {
  const { terms, policy } = deps;
  if (!terms) return undefined;
  const plan = planGrants(asks, terms, policy);
  if (!plan) return undefined;
  try {
    return await grantHolds({ sql: deps.sql, policy }, plan);
  } catch (error) {
    if (!DECLINED.has(sqlState(error))) throw error;
    return undefined;
  }
}

async function decideAndWrite(
  tx: Transaction,
  deps: CreateHoldsDeps,
  asks: readonly HoldAsk[],
  query: HoldBookQuery,
): Promise<HoldAnswerWire[]> {
  const book = await readHoldBook(tx, query);
  const { policy, terms } = deps;
  const batch = decideHolds({ asks, book, policy });
  if (terms) learnTerms(terms, { asks, book, batch });
  const ids = mintIds(batch, book.nowMs);
  const writes = {
    ...collectWrites(asks, batch, ids),
    nowMs: book.nowMs,
    ttlMs: policy.holdTtlMs,
    day: new Date(book.nowMs).toISOString().slice(0, 10),
  };
  await runStage(STAGES['billing.hold.write'], () => writeHolds(tx, writes));
  return batch.decisions.map((decision) => toAnswer(decision, ids));
}

/** The id of each granted hold, by its ask. */
type Ids = ReadonlyMap<HoldAsk, { readonly id: string; readonly forkNo: number }>;

function mintIds(batch: BatchDecision, nowMs: number): Ids {
  const granted = batch.decisions.flatMap((decision) =>
    decision.kind === 'granted' ? [decision.hold] : [],
  );
  const minted = mintHoldIds(nowMs, granted.length);
  return new Map(
    granted.map(({ ask, forkNo }, index) => [ask, { id: minted[index] as string, forkNo }]),
  );
}

function idOf(ids: Ids, ask: HoldAsk): { readonly id: string; readonly forkNo: number } {
  const found = ids.get(ask);
  if (!found) throw new Error('a granted hold without an id');
  return found;
}

function collectWrites(
  asks: readonly HoldAsk[],
  batch: BatchDecision,
  ids: Ids,
): Pick<HoldWrites, 'created' | 'reopened' | 'touched' | 'heldByAccount' | 'caps'> {
  const created: HoldWrites['created'][number][] = [];
  const reopened: HoldWrites['reopened'][number][] = [];
  const touched: HoldWrites['touched'][number][] = [];
  for (const [index, decision] of batch.decisions.entries()) {
    const ask = asks[index] as HoldAsk;
    if (decision.kind === 'granted') {
      created.push({ id: idOf(ids, ask).id, hold: decision.hold });
    } else if (decision.kind === 'reopened') {
      reopened.push({ hold: decision.hold, price: decision.price, ask });
    } else if (decision.kind === 'replayed' && decision.touch) {
      touched.push({ holdId: decision.hold.id, ask });
    } else if (decision.kind === 'repeated') {
      touched.push({ holdId: idOf(ids, decision.of).id, ask });
    }
  }
  return { created, reopened, touched, heldByAccount: batch.heldByAccount, caps: batch.caps };
}

function toAnswer(decision: Decision, ids: Ids): HoldAnswerWire {
  if (decision.kind === 'refused') return toRefusalWire(decision.code);
  if (decision.kind === 'granted' || decision.kind === 'repeated') {
    const ask = decision.kind === 'granted' ? decision.hold.ask : decision.of;
    const { id, forkNo } = idOf(ids, ask);
    const { requestHash, rebuild } = ask.item;
    const replayed = decision.kind === 'repeated';
    return toGrantWire({ holdId: id, forkNo, replayed, requestHash, rebuild });
  }
  const { id, forkNo, requestHash, rebuild } = decision.hold;
  return toGrantWire({ holdId: id, forkNo, replayed: true, requestHash, rebuild });
}

function toQuery(asks: readonly HoldAsk[]): HoldBookQuery {
  const owners = asks.flatMap(({ item }) => capOwners(item.principal));
  const refs = asks.flatMap(({ item }) => principalRefs(item.principal));
  return {
    asks,
    appIds: [...new Set(asks.map(({ item }) => item.principal.appId))],
    capOwners: [...new Map(owners.map((owner) => [ownerKey(owner), owner])).values()],
    principals: [...new Map(refs.map((ref) => [principalKey(ref), ref])).values()],
  };
}
