-- Double entry, append-only. `id` is the hold's id for a settlement, so one hold posts once.
create table billing.ledger_txns (
  id uuid primary key,
  kind text not null check (kind in ('settlement', 'credit', 'adjustment', 'reversal')),
  app_id text,
  reason text,
  effective_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  reverses_id uuid,
  idempotency_key text,
  body_hash bytea
);
create unique index ledger_txns_reverses on billing.ledger_txns (reverses_id)
  where reverses_id is not null;
create unique index ledger_txns_idempotency on billing.ledger_txns (app_id, idempotency_key)
  where idempotency_key is not null;
create index ledger_txns_by_app on billing.ledger_txns (app_id, id);

create table billing.ledger_entries (
  txn_id uuid not null,
  seq smallint not null,
  account_id bigint not null,
  currency text not null check (currency in ('USD', 'WEI')),
  amount billing.amount not null check (amount <> 0),
  primary key (txn_id, seq)
);
create index ledger_entries_by_account on billing.ledger_entries (account_id, currency);

-- Every transaction sums to zero in each currency. A transaction's entries come in one statement;
-- one check per statement costs a batch far less than a deferred trigger per row.
create function billing.check_entries_balanced() returns trigger language plpgsql as $$
begin
  if exists (
    select from fresh group by txn_id, currency having sum(amount) <> 0
  ) then
    raise exception 'ledger entries of a transaction do not sum to zero'
      using errcode = 'check_violation', constraint = 'ledger_entries_balanced';
  end if;
  return null;
end $$;
create trigger ledger_entries_balanced after insert on billing.ledger_entries
  referencing new table as fresh
  for each statement execute function billing.check_entries_balanced();

-- Nobody rewrites the ledger, the owner included.
create function billing.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger ledger_entries_append_only before update or delete or truncate
  on billing.ledger_entries for each statement execute function billing.refuse_change();
create trigger ledger_txns_append_only before update or delete or truncate
  on billing.ledger_txns for each statement execute function billing.refuse_change();

grant select, insert on billing.ledger_txns, billing.ledger_entries to billing_app;
-- All credit of an app, without its settlements.
create index ledger_txns_credits on billing.ledger_txns (app_id) where kind = 'credit';
