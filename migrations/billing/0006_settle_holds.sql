-- Settles a whole batch of signed payments in one statement, or writes nothing.
--
-- For payments whose hold is open and whose hashes agree: the money is reserved, nothing can be
-- short. The arithmetic is that of the service (decide-settlements.ts): the debit of one payment is
-- floor(S) - floor(S before), with S the exact sum of its account, in the order of the batch.
-- USD_SCALE, 10^24, is what the service calls so. All else (a late payment, one settled before, an
-- unknown or a mismatched one, an account to be made) returns false and is done row by row.
--
-- An id must not be given twice.
create function billing.settle_holds(
  ids uuid[], payment_hashes bytea[], tickets_hashes bytea[], signed_ats_ns numeric[],
  ahead_max_ms bigint, behind_max_ms bigint
) returns boolean language plpgsql volatile
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  found_items integer;
  now_ms bigint;
  received timestamptz;
  today date;
  network_account bigint;
  markup_account bigint;
begin
  perform b.account_id from billing.balances b
  where b.currency = 'USD' and b.account_id = any (array(
    select h.account_id from billing.holds h where h.id = any (ids)))
  order by b.account_id for update;

  -- A hold's state changes only under the lock of its balance: what is read from here on stays.
  select count(*) into found_items
  from unnest(ids, payment_hashes) as i(id, payment_hash)
  join billing.holds h on h.id = i.id
  join billing.fx_rates fx on fx.id = h.fx_id
  join billing.accounts l
    on l.name = 'signer:0x' || encode(h.sender, 'hex') || ':ticket_liability'
  where h.state = 0 and h.payment_hash = i.payment_hash;
  select a.id into network_account from billing.accounts a where a.name = 'platform:network_cost';
  select a.id into markup_account from billing.accounts a where a.name = 'platform:revenue_markup';
  if found_items <> cardinality(ids) or network_account is null or markup_account is null then
    return false;
  end if;

  now_ms := floor(extract(epoch from clock_timestamp()) * 1000);
  received := to_timestamp(now_ms / 1000.0);
  today := (received at time zone 'utc')::date;

  with summed as materialized (
    select i.n, i.new_tickets_hash, i.new_signed_at_ns, h.*, l.id as liability_account,
      h.fee_wei * fx.price_e8 * 10000 as network_exact,
      sum(h.charge_exact) over upto as charge_sum,
      sum(h.fee_wei * fx.price_e8 * 10000) over upto as network_sum,
      -- The time that the id carries.
      to_timestamp(('x' || substr(h.id::text, 1, 8) || substr(h.id::text, 10, 4))::bit(48)::bigint
        / 1000.0) as minted,
      coalesce(div(i.new_signed_at_ns, 1000000) not between now_ms - behind_max_ms
        and now_ms + ahead_max_ms, false) as is_clamped
    from unnest(ids, tickets_hashes, signed_ats_ns)
      with ordinality as i(id, new_tickets_hash, new_signed_at_ns, n)
    join billing.holds as h on h.id = i.id
    join billing.fx_rates fx on fx.id = h.fx_id
    join billing.accounts l
      on l.name = 'signer:0x' || encode(h.sender, 'hex') || ':ticket_liability'
    window upto as (partition by h.account_id order by i.n rows unbounded preceding)
  ), posted as materialized (
    select s.*, s.ticket_ev_wei - s.fee_wei as credit,
      div(b.remainder + s.charge_sum, 1e24)
        - div(b.remainder + s.charge_sum - s.charge_exact, 1e24) as charge,
      div(b.network_remainder + s.network_sum, 1e24)
        - div(b.network_remainder + s.network_sum - s.network_exact, 1e24) as network,
      (s.minted at time zone 'utc')::date as day,
      date_trunc('hour', s.minted, 'UTC') as hour,
      case when s.is_clamped or s.new_signed_at_ns is null then received
        else to_timestamp(div(s.new_signed_at_ns, 1000000) / 1000.0) end as occurred
    from summed s join billing.balances b on b.account_id = s.account_id and b.currency = 'USD'
  ), closed as (
    update billing.holds h set state = 1, closed_at = received, tickets_hash = p.new_tickets_hash,
      signed_at_ns = p.new_signed_at_ns
    from posted p where h.id = p.id
  ), purses as (
    update billing.balances b set posted = b.posted - s.charge, held = b.held - s.freed,
      remainder = mod(b.remainder + s.exact, 1e24),
      network_remainder = mod(b.network_remainder + s.network_exact, 1e24),
      version = b.version + 1
    from (
      select account_id, sum(charge) as charge, sum(charge_hold_micros) as freed,
        sum(charge_exact) as exact, sum(network_exact) as network_exact
      from posted group by account_id
    ) as s
    where b.account_id = s.account_id and b.currency = 'USD'
  ), transactions as (
    insert into billing.ledger_txns (id, kind, app_id, effective_at)
    select id, 'settlement', app_id, occurred from posted
    where charge <> 0 or network <> 0 or ticket_ev_wei <> 0
  ), entries as (
    insert into billing.ledger_entries (txn_id, seq, account_id, currency, amount)
    select p.id, e.seq, e.account_id, e.currency, e.amount
    from posted p cross join lateral (values
      (0, p.account_id, 'USD', -p.charge),
      (1, network_account, 'USD', p.network),
      (2, markup_account, 'USD', p.charge - p.network),
      (3, network_account, 'WEI', -p.ticket_ev_wei),
      (4, p.liability_account, 'WEI', p.ticket_ev_wei)
    ) as e(seq, account_id, currency, amount)
    where e.amount <> 0
  ), owners as (
    select app_id, 'app' as scope, app_id as scope_id, sum(charge) as charge,
      sum(charge_hold_micros) as freed, sum(credit) as credit
    from posted group by app_id
    union all
    select app_id, 'user', subject, sum(charge), sum(charge_hold_micros), sum(credit)
    from posted where subject <> 'app' group by app_id, subject
    union all
    select app_id, 'key', key_id, sum(charge), sum(charge_hold_micros), sum(credit)
    from posted where key_id is not null group by app_id, key_id
  ), capped as (
    update billing.caps c set
      held = c.held - case c.metric when 'charge_micros' then o.freed else o.credit end,
      used = greatest(0, case when c.window_start < billing.window_start(c.period, today) then 0
        else c.used end + case c.metric when 'charge_micros' then o.charge else o.credit end),
      window_start = greatest(c.window_start, billing.window_start(c.period, today)),
      updated_at = received
    from owners o
    where c.app_id = o.app_id and c.scope = o.scope and c.scope_id = o.scope_id
  ), events as (
    insert into billing.usage_events (event_id, day, account_id, app_id, subject, user_id,
      external_user_id, client_id, key_id, attribution, sender, state_id, seq, fork_no,
      manifest_id, orch_address, job_type, pipeline, model, units, billable_ms, price_per_unit,
      pixels_per_unit, fee_wei, ticket_ev_wei, face_value_wei, win_prob, nonce_from, nonce_to,
      recipient_rand_hash, fx_id, markup_bps, charge_exact, charge_micros, network_micros, is_late,
      is_clamped, tickets_hash, occurred_at, received_at)
    select id, day, account_id, app_id, subject, user_id, external_user_id, client_id, key_id,
      attribution, sender, state_id, seq, fork_no, manifest_id, orch_address, job_type, pipeline,
      model, units, billable_ms, price_per_unit, pixels_per_unit, fee_wei, ticket_ev_wei,
      face_value_wei, win_prob, nonce_from, nonce_to, recipient_rand_hash, fx_id, markup_bps,
      charge_exact, charge, network, false, is_clamped, new_tickets_hash, occurred, received
    from posted
  ), sums as (
    select app_id, day, hour, coalesce(user_id, '') as user_id, coalesce(key_id, '') as key_id,
      coalesce(client_id, '') as client_id, pipeline, model,
      -- The last of them, as the rows come; an order of its own would sort the batch.
      (array_agg(external_user_id) filter (where external_user_id is not null)) as external_ids,
      max(occurred) as last_used_at, count(*) as request_count, sum(fee_wei) as fee_wei,
      sum(ticket_ev_wei) as ticket_ev_wei, sum(charge) as charge_micros,
      sum(network) as network_micros, sum(units) as units, sum(billable_ms) as billable_ms
    from posted group by 1, 2, 3, 4, 5, 6, 7, 8
  ), daily as (
    insert into billing.usage_daily as t (app_id, day, user_id, key_id, client_id, pipeline, model,
      external_user_id, last_used_at, request_count, fee_wei, ticket_ev_wei, charge_micros,
      network_micros, units, billable_ms)
    select app_id, day, user_id, key_id, client_id, pipeline, model,
      max(external_ids[cardinality(external_ids)]),
      max(last_used_at), sum(request_count), sum(fee_wei), sum(ticket_ev_wei), sum(charge_micros),
      sum(network_micros), sum(units), sum(billable_ms)
    from sums group by 1, 2, 3, 4, 5, 6, 7
    on conflict (app_id, day, user_id, key_id, client_id, pipeline, model) do update set
      external_user_id = coalesce(excluded.external_user_id, t.external_user_id),
      last_used_at = greatest(t.last_used_at, excluded.last_used_at),
      request_count = t.request_count + excluded.request_count,
      fee_wei = t.fee_wei + excluded.fee_wei,
      ticket_ev_wei = t.ticket_ev_wei + excluded.ticket_ev_wei,
      charge_micros = t.charge_micros + excluded.charge_micros,
      network_micros = t.network_micros + excluded.network_micros,
      units = t.units + excluded.units, billable_ms = t.billable_ms + excluded.billable_ms
  ), hourly as (
    insert into billing.usage_hourly as t (app_id, hour, user_id, key_id, client_id, pipeline,
      model, external_user_id, last_used_at, request_count, fee_wei, ticket_ev_wei, charge_micros,
      network_micros, units, billable_ms)
    select app_id, hour, user_id, key_id, client_id, pipeline, model,
      external_ids[cardinality(external_ids)], last_used_at, request_count, fee_wei, ticket_ev_wei, charge_micros, network_micros, units,
      billable_ms
    from sums
    on conflict (app_id, hour, user_id, key_id, client_id, pipeline, model) do update set
      external_user_id = coalesce(excluded.external_user_id, t.external_user_id),
      last_used_at = greatest(t.last_used_at, excluded.last_used_at),
      request_count = t.request_count + excluded.request_count,
      fee_wei = t.fee_wei + excluded.fee_wei,
      ticket_ev_wei = t.ticket_ev_wei + excluded.ticket_ev_wei,
      charge_micros = t.charge_micros + excluded.charge_micros,
      network_micros = t.network_micros + excluded.network_micros,
      units = t.units + excluded.units, billable_ms = t.billable_ms + excluded.billable_ms
  )
  insert into billing.outbox (topic, app_id, payload)
  select 'usage.settled', app_id, jsonb_build_object('events', jsonb_agg(jsonb_build_object(
      'eventId', id, 'userId', user_id, 'externalUserId', external_user_id,
      'pipeline', pipeline, 'modelId', model, 'feeWei', fee_wei::text,
      'chargeUsdMicros', charge::text, 'occurredAt',
      to_char(occurred at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by n))
  from posted group by app_id;
  return true;
end $$;
