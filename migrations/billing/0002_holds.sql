-- The price of ether. A hold names its snapshot, so that a settlement cannot reprice it.
create table billing.fx_rates (
  id bigint generated always as identity primary key,
  pair text not null,
  price_e8 numeric(30, 0) not null check (price_e8 > 0 and price_e8 <> 'NaN'),
  source text not null,
  round_id text,
  observed_at timestamptz not null,
  fetched_at timestamptz not null default clock_timestamp()
);
create index fx_rates_latest on billing.fx_rates (pair, id desc);

-- A hold is the write-ahead record of a payment: complete before the signature exists. Its unique
-- keys are the replay guard, so the table is not partitioned; closed rows are purged by age.
create table billing.holds (
  id uuid not null,
  account_id bigint not null,
  -- 0 open, 1 settled, 2 released, 3 expired, 4 disputed
  state smallint not null default 0 check (state between 0 and 4),
  fork_no smallint not null check (fork_no between 0 and 3),
  -- Grants given again while open; a hold that two askers know is released by the sweeper only.
  replays smallint not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  -- Who asked
  replica_id text not null,
  ask_no bigint not null,
  app_id text collate "C" not null,
  subject text collate "C" not null,
  user_id text collate "C",
  external_user_id text,
  client_id text collate "C",
  key_id text collate "C",
  grant_id text,
  jti text,
  attribution text not null,
  -- Which payment
  sender bytea not null,
  state_id text collate "C" not null,
  seq bigint not null,
  request_hash bytea not null,
  recipient_rand_hash bytea not null,
  nonce_from bigint not null,
  nonce_to bigint not null,
  -- What it costs
  fee_wei billing.wei not null,
  ticket_ev_wei billing.wei not null,
  session_credit_wei billing.wei not null,
  face_value_wei billing.wei not null,
  win_prob billing.wei not null,
  fx_id bigint not null,
  markup_bps integer not null,
  charge_exact billing.usd_exact not null,
  charge_hold_micros numeric(40, 0) not null check (charge_hold_micros >= 0),
  -- What was used
  orch_address bytea not null,
  orch_url text not null,
  job_type text not null,
  pipeline text not null,
  model text not null,
  units numeric(38, 0) not null,
  billable_ms numeric(38, 0) not null,
  price_per_unit bigint not null,
  pixels_per_unit bigint not null,
  -- What a signer needs to make the same bytes again
  now_ns numeric(38, 0) not null,
  creation_round numeric(38, 0) not null,
  creation_block_hash bytea not null,
  manifest_id text not null,
  new_balance text not null,
  initial_price_per_unit bigint not null,
  initial_pixels_per_unit bigint not null,
  new_state_hash bytea not null,
  payment_hash bytea not null,
  -- What was signed; known when it is settled
  tickets_hash bytea,
  signed_at_ns numeric(38, 0),
  constraint holds_pkey primary key (id),
  -- The column that tells most apart comes first: one comparison decides, not four.
  constraint holds_payment_key unique (state_id, seq, fork_no, sender),
  constraint holds_request_key unique (request_hash, seq, state_id, sender),
  constraint holds_nonce_key unique (recipient_rand_hash, nonce_from, sender),
  constraint holds_nonce_range check (nonce_from >= 1 and nonce_to >= nonce_from)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index holds_due on billing.holds (expires_at) where state in (0, 4);

-- The second and later askers of a hold that was still open: it expires only when the journal of
-- each of them is closed beyond its ask.
create table billing.hold_askers (
  hold_id uuid not null,
  replica_id text not null,
  ask_no bigint not null,
  primary key (hold_id, replica_id, ask_no)
);

-- What each signer process says of its journal.
create table billing.replica_watermarks (
  replica_id text primary key,
  closed_up_to bigint not null,
  is_last boolean not null default false,
  seen_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

grant select, insert on billing.fx_rates to billing_app;
grant select, insert, update, delete on billing.holds, billing.hold_askers to billing_app;
grant select, insert, update, delete on billing.replica_watermarks to billing_app;
