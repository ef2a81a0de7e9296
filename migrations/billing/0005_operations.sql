-- What others are to be told; written in the transaction of the money, delivered later.
create table billing.outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  app_id text not null,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  delivered_at timestamptz
);
create index outbox_pending on billing.outbox (id) where delivered_at is null;

-- What an operator must see. One row per kind and subject until it is cleared.
create table billing.alarms (
  id bigint generated always as identity primary key,
  kind text not null,
  subject text not null,
  detail jsonb not null,
  times bigint not null default 1,
  raised_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  cleared_at timestamptz
);
create unique index alarms_live on billing.alarms (kind, subject) where cleared_at is null;

create table billing.idempotency_keys (
  scope text not null,
  key text not null,
  input_hash bytea not null,
  status integer,
  body jsonb,
  created_at timestamptz not null default clock_timestamp(),
  primary key (scope, key)
);

grant select, insert, update, delete on billing.outbox, billing.alarms, billing.idempotency_keys
  to billing_app;
