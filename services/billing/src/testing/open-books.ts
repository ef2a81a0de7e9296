import type {
  GrantWire,
  HoldAnswerWire,
  HoldItemWire,
  PrincipalKind,
  SettleItem,
  Sql,
} from '@clearinghouse/shared';
import { createTestDatabase, type TestDatabase } from '@clearinghouse/testing';
import { postCredit } from '../credits/post-credit.ts';
import { openPool as connect } from '../db/open-pool.ts';
import { createHolds } from '../holds/create-holds.ts';
import type { HoldPolicy } from '../holds/hold-book.ts';
import { type HoldTerms, openHoldTerms } from '../holds/hold-terms.ts';
import { parseHoldItem } from '../holds/parse-hold-item.ts';
import type { AccountIds } from '../ledger/ensure-accounts.ts';
import { type BookFault, reconcile } from '../ledger/reconcile.ts';
import { refreshRate } from '../prices/refresh-rate.ts';
import { randomHex } from './make-hold-item.ts';

/** A database of billing with a price, and what tests do with it. */
export type Books = {
  readonly database: TestDatabase;
  readonly sql: Sql;
  readonly accountIds: AccountIds;
  readonly policy: HoldPolicy;
  /** What `hold` remembers between batches: whole ones are granted at once. */
  readonly terms: HoldTerms;
  /** Auth's part: says what an identity may. */
  readonly setPrincipal: (
    kind: PrincipalKind,
    id: string,
    appId: string,
    status?: 'active' | 'suspended' | 'revoked',
  ) => Promise<void>;
  /** An active app with credit. */
  readonly openApp: (appId: string, creditMicros: bigint) => Promise<void>;
  readonly addCredit: (appId: string, creditMicros: bigint) => Promise<void>;
  readonly setPrice: (priceE8: bigint) => Promise<void>;
  readonly hold: (
    items: readonly HoldItemWire[],
    options?: { replicaId?: string; policy?: Partial<HoldPolicy>; rowByRow?: boolean },
  ) => Promise<HoldAnswerWire[]>;
  readonly balance: (appId: string) => Promise<{ posted: bigint; held: bigint }>;
  readonly reconcile: () => Promise<readonly BookFault[]>;
  readonly openPool: (role: 'billing_app' | 'billing_owner' | 'auth_app') => Sql;
  readonly close: () => Promise<void>;
};

/** One USD per 10^12 wei: a fee of n x 10^6 wei costs n micro-USD. */
export const PRICE_E8 = 100_000_000_000_000n;
/** Wei of one micro-USD at {@link PRICE_E8}. */
export const WEI_PER_MICRO = 1_000_000n;

const UNBOUND = 10n ** 40n;

/** The policy of tests: no markup, no bound on session credit. */
export const TEST_POLICY: HoldPolicy = {
  defaultMarkupBps: 0,
  fxMaxAgeMs: 600_000,
  holdTtlMs: 120_000,
  sessionCreditLimits: { app: UNBOUND, user: UNBOUND, key: UNBOUND },
};

/** Opens books of one's own. */
export async function openBooks(): Promise<Books> {
  const database = await createTestDatabase();
  const pools: Sql[] = [];
  const openPool: Books['openPool'] = (role) => {
    const pool = connect({ url: database.url(role), applicationName: 'billing-test' });
    pools.push(pool);
    return pool;
  };
  const sql = openPool('billing_app');
  const authSql = openPool('auth_app');
  const accountIds: AccountIds = new Map();
  const books: Books = {
    database,
    sql,
    accountIds,
    policy: TEST_POLICY,
    terms: openHoldTerms(),
    openPool,
    setPrincipal: async (kind, id, appId, status = 'active') => {
      const revokedAt = status === 'revoked' ? new Date() : null;
      await authSql`
        insert into identity.principal_status (kind, id, app_id, status, revoked_at)
        values (${kind}, ${id}, ${appId}, ${status}, ${revokedAt})
        on conflict (kind, id) do update
          set status = excluded.status, revoked_at = excluded.revoked_at`;
    },
    openApp: async (appId, creditMicros) => {
      await books.setPrincipal('app', appId, appId);
      await books.addCredit(appId, creditMicros);
    },
    addCredit: async (appId, amountMicros) => {
      const idempotencyKey = randomHex(8);
      const rawInput = Buffer.from(idempotencyKey);
      const input = { appId, amountMicros, reason: 'test', idempotencyKey, rawInput };
      await postCredit({ sql, accountIds }, input);
    },
    setPrice: async (priceE8) => {
      const source = async () => ({ priceE8, source: 'test', observedAtMs: Date.now() });
      const outcome = await refreshRate({ sql, source, acceptJump: true });
      if (!outcome.ok) throw new Error(outcome.code);
    },
    hold: (items, options = {}) => {
      const asks = items.map((raw) => {
        const item = parseHoldItem(raw);
        if (!item) throw new Error('the test made a bad item');
        return { replicaId: options.replicaId ?? 'signer-a', item };
      });
      const policy = { ...TEST_POLICY, ...options.policy };
      return createHolds(
        { sql, policy, ...(options.rowByRow ? {} : { terms: books.terms }) },
        asks,
      );
    },
    balance: async (appId) => {
      const [row] = await sql<{ posted: string; held: string }[]>`
        select b.posted, b.held from billing.balances b
        join billing.accounts a on a.id = b.account_id
        where a.kind = 'prepaid' and a.app_id = ${appId}`;
      return { posted: BigInt(row?.posted ?? 0), held: BigInt(row?.held ?? 0) };
    },
    reconcile: () => reconcile({ sql }),
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end({ timeout: 5 })));
      await database.drop();
    },
  };
  await books.setPrice(PRICE_E8);
  return books;
}

/** The grant of an answer that must be one. */
export function granted(answer: HoldAnswerWire | undefined): GrantWire {
  if (!answer?.ok) throw new Error(`not granted: ${answer?.code}`);
  return answer;
}

/** What was refused, or `granted`. */
export function codeOf(answer: HoldAnswerWire | undefined): string {
  if (!answer) return 'no answer';
  return answer.ok ? 'granted' : answer.code;
}

/** The settlement of a grant, as its signer sends it. */
export function settlementOf(grant: GrantWire): SettleItem {
  return {
    holdId: grant.holdId,
    ticketsHash: randomHex(32),
    paymentHash: grant.rebuild.paymentHash,
    signedAtNs: BigInt(Date.now()) * 1_000_000n,
  };
}
