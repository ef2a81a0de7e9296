-- Uses refresh tokens up and writes their children, with the access tokens that go out beside them:
-- the usual refresh, of many at once, in one statement.
--
-- It decides nothing. A token that was used before or lost its place, one whose grant is gone, and
-- one whose grant another transaction holds is left as it is; the service judges that one by itself.
-- So nothing waits here for anybody, and no two of these can wait for each other.
--
-- The lock comes first and the update is a later statement of a volatile function: it sees what was
-- committed before the lock was got.
--
-- Returns the places, in the list that was given, of those that were rotated.
create function auth.rotate_refresh_tokens(rotations jsonb) returns integer[]
language plpgsql volatile
-- Plans are kept, and one made while the table was small would read all of it later.
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  item record;
  came_from bytea;
  rotated integer[] := '{}';
begin
  for item in
    select r.place, decode(r.parent, 'hex') as parent, decode(r.child, 'hex') as child,
      r.payload, r.grant_id, r.uid, r.expires_in_sec, decode(r.access, 'hex') as access,
      r.access_payload, r.access_expires_in_sec
    from jsonb_to_recordset(rotations) as r (place integer, parent text, child text,
      payload jsonb, grant_id text, uid text, expires_in_sec integer, access text,
      access_payload jsonb, access_expires_in_sec integer)
  loop
    perform from auth.oidc_artifacts
    where model = 'Grant' and id_hash = sha256(convert_to(item.grant_id, 'UTF8'))
      and expires_at > now()
    for update skip locked;
    continue when not found;

    update auth.oidc_artifacts
    set consumed_at = now(), first_used_at = coalesce(first_used_at, now())
    where model = 'RefreshToken' and id_hash = item.parent
      -- Written so that no plan finds it by the grant, under which there may be thousands.
      and grant_id is not distinct from item.grant_id and consumed_at is null and superseded_at is null and expires_at > now()
    returning parent_hash into came_from;
    continue when not found;

    if came_from is not null then
      update auth.oidc_artifacts set superseded_at = now()
      where parent_hash = came_from and id_hash <> item.parent
        and consumed_at is null and superseded_at is null;
    end if;
    insert into auth.oidc_artifacts
      (model, id_hash, payload, grant_id, uid, parent_hash, expires_at)
    values ('RefreshToken', item.child, item.payload, item.grant_id, item.uid, item.parent,
      now() + make_interval(secs => item.expires_in_sec));
    if item.access is not null then
      insert into auth.oidc_artifacts (model, id_hash, payload, grant_id, expires_at)
      values ('AccessToken', item.access, item.access_payload, item.grant_id,
        now() + make_interval(secs => item.access_expires_in_sec));
    end if;
    rotated := rotated || item.place;
  end loop;
  return rotated;
end $$;
grant execute on function auth.rotate_refresh_tokens(jsonb) to auth_app;

-- Reads artifacts that have not expired by model and id, with the grant of those whose grant is
-- wanted too: the requests of a moment together. `place` is the one in the lists, from 1. The access
-- token of a user who was deactivated is not there: one may be written while that happens.
create function auth.read_artifacts(models text[], keys text[], with_grants boolean[])
returns table (place integer, payload jsonb, sealed bytea, consumed_at_sec integer,
  grant_payload jsonb)
language plpgsql stable
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
    select k.place::integer, a.payload, a.sealed,
      extract(epoch from coalesce(a.consumed_at, a.superseded_at))::integer, g.payload
    from unnest(models, keys, with_grants) with ordinality as k (model, key, with_grant, place)
    -- The limits take nothing away: they keep this one look at the key for each.
    cross join lateral (
      select * from auth.oidc_artifacts
      where model = k.model and id_hash = decode(k.key, 'hex') limit 1
    ) a
    left join lateral (
      select * from auth.oidc_artifacts
      where model = 'Grant' and id_hash = sha256(convert_to(a.grant_id, 'UTF8')) limit 1
    ) g on k.with_grant and g.expires_at > now()
    where a.expires_at > now() and (a.model <> 'AccessToken' or 'inactive' is distinct from
      case when a.payload ->> 'accountId' like 'usr\_%' then (
        select u.status from auth.app_users u
        where u.id = a.payload ->> 'accountId' and u.deleted_at is null limit 1)
      else (
        select u.status from auth.clients c
        join auth.app_users u on u.app_id = c.app_id and u.deleted_at is null
          and u.account_id = a.payload ->> 'accountId'
        where c.id = a.payload ->> 'clientId' limit 1)
      end);
end $$;
grant execute on function auth.read_artifacts(text[], text[], boolean[]) to auth_app;
