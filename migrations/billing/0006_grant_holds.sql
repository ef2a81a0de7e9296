-- The first day of the window of a cap that a UTC day lies in.
create function billing.window_start(period text, day date) returns date
language sql immutable parallel safe as $$
  select case period when 'day' then day
    when 'month' then make_date(extract(year from day)::integer, extract(month from day)::integer, 1)
    else date '1970-01-01' end
$$;
grant execute on function billing.window_start(text, date) to billing_app;

-- Grants a whole batch of new holds in one statement, or writes nothing and says why not.
--
-- The service has priced the batch under terms that it remembers. Nothing of that is believed:
-- under the locks of the balances this reads the terms, identities, caps, balances and taken
-- nonces again, and writes only when each of them lets every hold of the batch through. All else
-- (a replay, a fork, a refusal, new terms) is decided by the service, row by row.
--
-- The locks come first and each check is a later statement of a volatile function: it sees what
-- was committed while the lock was waited for.
--
-- Returns the time of the grants in milliseconds, which is also the time inside their ids; or
--   -1 the terms changed: price, markup, account or identity
--   -2 a balance or a cap does not cover the batch
--   -3 a nonce is taken, by this payment itself when it was granted before
-- and fails with unique_violation when another transaction takes a key meanwhile.
create function billing.grant_holds(
  fx bigint, fx_age_max_ms bigint, ttl_ms bigint,
  -- one for each account, in the order of their ids
  account_ids bigint[], account_apps text[], account_markups integer[], account_takes numeric[],
  -- one for each identity
  who_kinds text[], who_ids text[], who_apps text[], who_required boolean[],
  -- one for each owner of caps; the peak is the sum of what is above zero, the most that any
  -- order of the batch can have outstanding
  owner_apps text[], owner_scopes text[], owner_ids text[], owner_charges numeric[],
  owner_credits numeric[], owner_peaks numeric[], owner_credit_limits numeric[],
  -- one for each hold; the id's tail is what follows its time
  new_id_tail text[],
  new_replica_id text[], new_account_id bigint[], new_markup_bps integer[],
  new_charge_exact numeric[], new_charge_hold_micros numeric[], new_ask_no bigint[],
  new_app_id text[], new_subject text[], new_external_user_id text[], new_client_id text[],
  new_key_id text[], new_grant_id text[], new_jti text[], new_attribution text[],
  new_sender bytea[], new_state_id text[], new_seq bigint[], new_request_hash bytea[],
  new_recipient_rand_hash bytea[], new_nonce_from bigint[], new_nonce_to bigint[],
  new_fee_wei numeric[], new_ticket_ev_wei numeric[], new_session_credit_wei numeric[],
  new_face_value_wei numeric[], new_win_prob numeric[], new_orch_address bytea[],
  new_orch_url text[], new_job_type text[], new_pipeline text[], new_model text[],
  new_units numeric[], new_billable_ms numeric[], new_price_per_unit bigint[],
  new_pixels_per_unit bigint[], new_now_ns numeric[], new_creation_round numeric[],
  new_creation_block_hash bytea[], new_manifest_id text[], new_new_balance text[],
  new_initial_price_per_unit bigint[], new_initial_pixels_per_unit bigint[],
  new_new_state_hash bytea[], new_payment_hash bytea[]
) returns bigint language plpgsql volatile
-- Every lookup here has its index; see db/plan-by-index.ts for what a kept plan does without this.
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  covered integer;
  now_ms bigint;
  made timestamptz;
  today date;
begin
  select count(*) into covered
  from (
    select b.account_id, b.posted, b.held, b.credit_limit from billing.balances b
    where b.currency = 'USD' and b.account_id = any (account_ids)
    order by b.account_id for update
  ) as b join unnest(account_ids, account_takes) as a(account_id, take) using (account_id)
  where b.posted - b.held - a.take >= -b.credit_limit;

  now_ms := floor(extract(epoch from clock_timestamp()) * 1000);
  made := to_timestamp(now_ms / 1000.0);
  today := (made at time zone 'utc')::date;

  if not exists (
    select from (
      select r.id, r.observed_at from billing.fx_rates r
      where r.pair = 'ETH/USD' order by r.id desc limit 1
    ) as latest
    where latest.id = fx
      and extract(epoch from made - latest.observed_at) * 1000 <= fx_age_max_ms
  ) or exists (
    select from unnest(account_ids, account_apps, account_markups) as t(id, app_id, markup_bps)
    left join billing.accounts a on a.id = t.id and a.app_id = t.app_id and a.kind = 'prepaid'
      and a.suspended_at is null and a.markup_bps is not distinct from t.markup_bps
    where a.id is null
  ) or exists (
    select from unnest(who_kinds, who_ids, who_apps, who_required) as w(kind, id, app_id, required)
    left join identity.principal_status p on p.kind = w.kind and p.id = w.id
    where case when p.kind is null then w.required
      else p.status <> 'active' or p.app_id <> w.app_id end
  ) then
    return -1;
  end if;

  if covered <> cardinality(account_ids) or exists (
    select from unnest(owner_apps, owner_scopes, owner_ids, owner_charges, owner_peaks,
      owner_credit_limits) as o(app_id, scope, scope_id, charge, peak, credit_limit)
    join billing.caps c on c.app_id = o.app_id and c.scope = o.scope and c.scope_id = o.scope_id
    where c.held
      + case when c.window_start < billing.window_start(c.period, today) then 0 else c.used end
      + case c.metric when 'charge_micros' then o.charge else o.peak end
      > case c.metric when 'charge_micros' then c.limit_amount
        else coalesce(c.limit_amount, o.credit_limit) end
      -- What buys no credit is never refused for credit that others bought.
      and (c.metric = 'charge_micros' or o.peak > 0)
  ) or exists (
    -- Without a row of its own an owner has the default limit of session credit.
    select from unnest(owner_apps, owner_scopes, owner_ids, owner_peaks, owner_credit_limits)
      as o(app_id, scope, scope_id, peak, credit_limit)
    where o.peak > o.credit_limit and not exists (
      select from billing.caps c where c.app_id = o.app_id and c.scope = o.scope
        and c.scope_id = o.scope_id and c.metric = 'session_credit_wei')
  ) then
    return -2;
  end if;

  -- A payment that was granted before has its nonces taken. Ranges of one key never overlap, so
  -- only the last that starts at or before the end of the asked one can reach into it.
  if exists (
    select from unnest(new_sender, new_recipient_rand_hash, new_nonce_from, new_nonce_to)
      as q(sender, rand, first, last)
    cross join lateral (
      select h.nonce_to from billing.holds h
      where h.recipient_rand_hash = q.rand and h.nonce_from <= q.last
        -- Not a condition of the index: PostgreSQL 18 would skip through it, at a higher cost.
        and (h.sender = q.sender) is true
      order by h.nonce_from desc limit 1) as before
    where before.nonce_to >= q.first
  ) then
    return -3;
  end if;

  insert into billing.holds (id, created_at, expires_at, fork_no, fx_id, user_id,
    replica_id, account_id, markup_bps, charge_exact, charge_hold_micros, ask_no, app_id, subject,
    external_user_id, client_id, key_id, grant_id, jti, attribution, sender, state_id, seq,
    request_hash, recipient_rand_hash, nonce_from, nonce_to, fee_wei, ticket_ev_wei,
    session_credit_wei, face_value_wei, win_prob, orch_address, orch_url, job_type, pipeline,
    model, units, billable_ms, price_per_unit, pixels_per_unit, now_ns, creation_round,
    creation_block_hash, manifest_id, new_balance, initial_price_per_unit,
    initial_pixels_per_unit, new_state_hash, payment_hash)
  select (lpad(to_hex(now_ms), 12, '0') || u.id_tail)::uuid, made,
    made + make_interval(secs => ttl_ms / 1000.0), 0, fx, nullif(u.subject, 'app'),
    u.replica_id, u.account_id, u.markup_bps, u.charge_exact, u.charge_hold_micros, u.ask_no,
    u.app_id, u.subject, u.external_user_id, u.client_id, u.key_id, u.grant_id, u.jti,
    u.attribution, u.sender, u.state_id, u.seq, u.request_hash, u.recipient_rand_hash,
    u.nonce_from, u.nonce_to, u.fee_wei, u.ticket_ev_wei, u.session_credit_wei, u.face_value_wei,
    u.win_prob, u.orch_address, u.orch_url, u.job_type, u.pipeline, u.model, u.units,
    u.billable_ms, u.price_per_unit, u.pixels_per_unit, u.now_ns, u.creation_round,
    u.creation_block_hash, u.manifest_id, u.new_balance, u.initial_price_per_unit,
    u.initial_pixels_per_unit, u.new_state_hash, u.payment_hash
  from unnest(new_id_tail,
    new_replica_id, new_account_id, new_markup_bps, new_charge_exact, new_charge_hold_micros,
    new_ask_no, new_app_id, new_subject, new_external_user_id, new_client_id, new_key_id,
    new_grant_id, new_jti, new_attribution, new_sender, new_state_id, new_seq, new_request_hash,
    new_recipient_rand_hash, new_nonce_from, new_nonce_to, new_fee_wei, new_ticket_ev_wei,
    new_session_credit_wei, new_face_value_wei, new_win_prob, new_orch_address, new_orch_url,
    new_job_type, new_pipeline, new_model, new_units, new_billable_ms, new_price_per_unit,
    new_pixels_per_unit, new_now_ns, new_creation_round, new_creation_block_hash, new_manifest_id,
    new_new_balance, new_initial_price_per_unit, new_initial_pixels_per_unit, new_new_state_hash,
    new_payment_hash)
    as u(id_tail,
      replica_id, account_id, markup_bps, charge_exact, charge_hold_micros, ask_no, app_id,
      subject, external_user_id, client_id, key_id, grant_id, jti, attribution, sender, state_id,
      seq, request_hash, recipient_rand_hash, nonce_from, nonce_to, fee_wei, ticket_ev_wei,
      session_credit_wei, face_value_wei, win_prob, orch_address, orch_url, job_type, pipeline,
      model, units, billable_ms, price_per_unit, pixels_per_unit, now_ns, creation_round,
      creation_block_hash, manifest_id, new_balance, initial_price_per_unit,
      initial_pixels_per_unit, new_state_hash, payment_hash);

  update billing.balances b set held = b.held + a.take, version = b.version + 1
  from unnest(account_ids, account_takes) as a(account_id, take)
  where b.account_id = a.account_id and b.currency = 'USD' and a.take <> 0;

  insert into billing.caps (app_id, scope, scope_id, metric, period, window_start)
  select o.app_id, o.scope, o.scope_id, 'session_credit_wei', 'day', today
  from unnest(owner_apps, owner_scopes, owner_ids) as o(app_id, scope, scope_id)
  where not exists (select from billing.caps c where c.app_id = o.app_id and c.scope = o.scope
    and c.scope_id = o.scope_id and c.metric = 'session_credit_wei' and c.period = 'day')
  on conflict do nothing;

  update billing.caps c set
    held = c.held + case c.metric when 'charge_micros' then o.charge else o.credit end,
    used = case when c.window_start < billing.window_start(c.period, today) then 0
      else c.used end,
    window_start = greatest(c.window_start, billing.window_start(c.period, today)),
    updated_at = made
  from unnest(owner_apps, owner_scopes, owner_ids, owner_charges, owner_credits)
    as o(app_id, scope, scope_id, charge, credit)
  where c.app_id = o.app_id and c.scope = o.scope and c.scope_id = o.scope_id;

  return now_ms;
end $$;
