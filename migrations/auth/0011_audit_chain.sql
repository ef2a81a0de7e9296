-- The audit log as a chain: each entry is sealed once its transaction is over, by a hash over the
-- entry and the seal before it. Neither the log nor the seals can be changed or deleted by the
-- service; what was purged for its age leaves its hash behind, so that the chain stays whole.
alter table auth.audit_log
  -- Of the transaction that wrote it: an entry is sealed when no older transaction is open.
  add column written_in xid8 not null default pg_current_xact_id();
create index audit_log_time on auth.audit_log (occurred_at);

create table auth.audit_seals (
  seq bigint primary key check (seq >= 1),
  entry_id bigint not null unique,
  occurred_at timestamptz not null,
  entry_hash bytea not null check (octet_length(entry_hash) = 32),
  -- SHA-256 (hash of the seal before, entry_hash).
  hash bytea not null unique check (octet_length(hash) = 32)
);

-- What was purged, and by whom: an entry older than this may be absent, no other.
create table auth.audit_purges (
  id bigint generated always as identity primary key,
  older_than timestamptz not null,
  entries bigint not null,
  purged_at timestamptz not null default now()
);

grant select, insert on auth.audit_seals to auth_app;
grant select on auth.audit_purges to auth_app;
