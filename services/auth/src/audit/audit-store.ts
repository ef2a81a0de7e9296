import type { Database, Transaction } from '@clearinghouse/shared';
import type { HashedEntry } from './chain.ts';

/** One lock for all replicas that would seal. */
const SEAL_LOCK = 7_263_849_107n;
/** No transaction of this service is open for as long. */
const OVERLAP = '10 minutes';

export type Seal = {
  readonly seq: bigint;
  readonly entryId: bigint;
  readonly entryHash: Buffer;
  readonly hash: Buffer;
  readonly occurredAt: Date;
};

/** Takes the right to seal until the transaction ends; false when another replica has it. */
export async function tryLockSeals(tx: Transaction): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`
    select pg_try_advisory_xact_lock(${SEAL_LOCK}) as locked`;
  return row?.locked === true;
}

/** Entries that are committed for good and not sealed yet, oldest first. */
export async function findUnsealed(tx: Transaction, limit: number): Promise<HashedEntry[]> {
  return tx<HashedEntry[]>`
    select ${hashedColumns(tx)} from auth.audit_log l
    where l.written_in < pg_snapshot_xmin(pg_current_snapshot())
      and l.occurred_at >= coalesce((select max(occurred_at) from auth.audit_seals),
        '-infinity'::timestamptz) - ${OVERLAP}::interval
      and not exists (select from auth.audit_seals s where s.entry_id = l.id)
    order by l.id limit ${limit}`;
}

/** The last seal, if there is one. */
export async function findLastSeal(db: Database): Promise<Seal | undefined> {
  const [seal] = await db<Seal[]>`
    select seq, entry_id as "entryId", entry_hash as "entryHash", hash,
      occurred_at as "occurredAt"
    from auth.audit_seals order by seq desc limit 1`;
  return seal;
}

/** Writes seals. */
export async function insertSeals(
  tx: Transaction,
  seals: readonly (Omit<Seal, 'occurredAt'> & { occurredUs: bigint })[],
): Promise<void> {
  const rows = seals.map((seal) => ({
    seq: seal.seq.toString(),
    entry_id: seal.entryId.toString(),
    us: seal.occurredUs.toString(),
    entry_hash: seal.entryHash.toString('hex'),
    hash: seal.hash.toString('hex'),
  }));
  await tx`
    insert into auth.audit_seals (seq, entry_id, occurred_at, entry_hash, hash)
    select seq, entry_id, to_timestamp(0) + us * interval '1 microsecond',
      decode(entry_hash, 'hex'), decode(hash, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as r(seq bigint, entry_id bigint, us bigint, entry_hash text, hash text)`;
}

export type SealedEntry = Seal & { readonly entry: HashedEntry | undefined; isPurged: boolean };

/** Seals in their order, each with its entry, if that is still there. */
export async function findSealed(
  db: Database,
  afterSeq: bigint,
  limit: number,
): Promise<SealedEntry[]> {
  const rows = await db<(Seal & { isPurged: boolean; found: bigint | null } & HashedEntry)[]>`
    select s.seq, s.entry_id as "entryId", s.entry_hash as "entryHash", s.hash,
      s.occurred_at as "occurredAt", l.id as found, ${hashedColumns(db)},
      s.occurred_at < coalesce((select max(older_than) from auth.audit_purges),
        '-infinity'::timestamptz) as "isPurged"
    from auth.audit_seals s left join auth.audit_log l on l.id = s.entry_id
    where s.seq > ${afterSeq} order by s.seq limit ${limit}`;
  return rows.map((row) => ({ ...row, entry: row.found === null ? undefined : row }));
}

/** How many entries are old enough to be sealed and are not. */
export async function countUnsealed(db: Database, olderThanSec: number): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from auth.audit_log l
    where l.occurred_at < now() - make_interval(secs => ${olderThanSec})
      and not exists (select from auth.audit_seals s where s.entry_id = l.id)`;
  return row?.count ?? 0;
}

/** Which entries are asked for. */
export type AuditQuery = {
  /** Null: the operator asks, of every app. */
  readonly appId: string | null;
  readonly action?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only those below this id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
};

export type AuditLine = {
  readonly id: bigint;
  readonly occurredAt: Date;
  readonly appId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** Entries, newest first. */
export async function findAudit(db: Database, query: AuditQuery): Promise<AuditLine[]> {
  const { appId, action = null, from = null, to = null, before = null, limit } = query;
  return db<AuditLine[]>`
    select id, occurred_at as "occurredAt", app_id as "appId", actor, action, target, reason,
      request_id as "requestId", detail
    from auth.audit_log
    where (${appId}::text is null or app_id = ${appId})
      and (${action}::text is null or action = ${action})
      and (${from}::timestamptz is null or occurred_at >= ${from})
      and (${to}::timestamptz is null or occurred_at < ${to})
      and (${before}::bigint is null or id < ${before})
    order by id desc limit ${limit}`;
}

/** Deletes old entries that are sealed, as the owner; their hashes stay. @returns how many. */
export async function purgeAudit(tx: Transaction, olderThan: Date): Promise<number> {
  const rows = await tx`
    delete from auth.audit_log l where occurred_at < ${olderThan}
      and exists (select from auth.audit_seals s where s.entry_id = l.id)`;
  await tx`
    insert into auth.audit_purges (older_than, entries) values (${olderThan}, ${rows.count})`;
  return rows.count;
}

function hashedColumns(db: Database) {
  return db`l.id, (extract(epoch from l.occurred_at) * 1000000)::bigint as "occurredUs",
    l.app_id as "appId", l.actor, l.action, l.target, l.reason, l.request_id as "requestId",
    l.detail::text as detail`;
}
