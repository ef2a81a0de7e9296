-- One settled payment. `day` is the UTC day of the id's own time, so the key needs no lookup.
create table billing.usage_events (
  event_id uuid not null,
  day date not null,
  account_id bigint not null,
  app_id text not null,
  subject text not null,
  user_id text,
  external_user_id text,
  client_id text,
  key_id text,
  attribution text not null,
  sender bytea not null,
  state_id text not null,
  seq bigint not null,
  fork_no smallint not null,
  manifest_id text not null,
  orch_address bytea not null,
  job_type text not null,
  pipeline text not null,
  model text not null,
  units numeric(38, 0) not null,
  billable_ms numeric(38, 0) not null,
  price_per_unit bigint not null,
  pixels_per_unit bigint not null,
  fee_wei billing.wei not null,
  ticket_ev_wei billing.wei not null,
  face_value_wei billing.wei not null,
  win_prob billing.wei not null,
  nonce_from bigint not null,
  nonce_to bigint not null,
  recipient_rand_hash bytea not null,
  fx_id bigint not null,
  markup_bps integer not null,
  charge_exact billing.usd_exact not null,
  charge_micros numeric(40, 0) not null,
  network_micros numeric(40, 0) not null,
  -- Posted after the hold had expired or been released.
  is_late boolean not null,
  -- The signer's clock was out of bounds and was replaced by ours.
  is_clamped boolean not null,
  tickets_hash bytea,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (event_id, day)
) partition by range (day);
create table billing.usage_events_default partition of billing.usage_events default;

-- Makes the partitions of this month and of the next two. Run by a timer and by this migration;
-- owner's rights, since the service's role has no DDL.
create function billing.ensure_usage_partitions(today date) returns integer
language plpgsql security definer set search_path = pg_catalog, billing as $$
declare
  month_start date;
  part text;
  made integer := 0;
begin
  for ahead in 0..2 loop
    month_start := (date_trunc('month', today) + make_interval(months => ahead))::date;
    part := 'usage_events_' || to_char(month_start, 'YYYYMM');
    if to_regclass('billing.' || part) is null then
      execute format(
        'create table billing.%I partition of billing.usage_events for values from (%L) to (%L)',
        part, month_start, (month_start + interval '1 month')::date);
      made := made + 1;
    end if;
  end loop;
  return made;
end $$;
revoke execute on function billing.ensure_usage_partitions(date) from public;
select billing.ensure_usage_partitions((clock_timestamp() at time zone 'utc')::date);

-- Sums, written in the transaction that writes the event. Empty text where an id is absent.
create table billing.usage_daily (
  app_id text not null,
  day date not null,
  user_id text not null,
  key_id text not null,
  client_id text not null,
  pipeline text not null,
  model text not null,
  external_user_id text,
  last_used_at timestamptz not null,
  request_count bigint not null,
  fee_wei billing.amount not null,
  ticket_ev_wei billing.amount not null,
  charge_micros billing.amount not null,
  network_micros billing.amount not null,
  units billing.amount not null,
  billable_ms billing.amount not null,
  primary key (app_id, day, user_id, key_id, client_id, pipeline, model)
) with (fillfactor = 50);

create index usage_daily_external on billing.usage_daily (app_id, external_user_id)
  where external_user_id is not null;

create table billing.usage_hourly (
  app_id text not null,
  hour timestamptz not null,
  user_id text not null,
  key_id text not null,
  client_id text not null,
  pipeline text not null,
  model text not null,
  external_user_id text,
  last_used_at timestamptz not null,
  request_count bigint not null,
  fee_wei billing.amount not null,
  ticket_ev_wei billing.amount not null,
  charge_micros billing.amount not null,
  network_micros billing.amount not null,
  units billing.amount not null,
  billable_ms billing.amount not null,
  primary key (app_id, hour, user_id, key_id, client_id, pipeline, model)
) with (fillfactor = 50);

grant select, insert on billing.usage_events to billing_app;
grant select on billing.usage_events_default to billing_app;
grant execute on function billing.ensure_usage_partitions(date) to billing_app;
grant select, insert, update on billing.usage_daily, billing.usage_hourly to billing_app;
