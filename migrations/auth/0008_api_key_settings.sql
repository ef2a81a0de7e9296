-- What a key may be used for and from where, and how one takes the place of another.
alter table auth.api_keys
  -- Asset and stream ids; empty: all of the app's (secret), none (publishable).
  add column resources text[] not null default '{}' check (cardinality(resources) <= 100),
  -- Exact origins, or one label in front left open (https://*.example.org): publishable keys only.
  add column allowed_origins text[] not null default '{}' check (cardinality(allowed_origins) <= 50),
  -- Addresses or networks (CIDR); empty: from anywhere.
  add column ip_allowlist text[] not null default '{}' check (cardinality(ip_allowlist) <= 50),
  add column rate_limit integer check (rate_limit between 1 and 1000000),
  add column rate_window_sec integer check (rate_window_sec between 1 and 86400),
  add column rotated_from text references auth.api_keys (id),
  -- A key that was rotated is good until then, and never beyond its own end.
  add column grace_expires_at timestamptz,
  add column last_used_ip_prefix text check (char_length(last_used_ip_prefix) <= 64),
  -- The last reminder of its end that was sent: 14, 3 or 1 days before.
  add column reminded_days smallint check (reminded_days in (14, 3, 1)),
  -- Somebody who left has seen it: it should be rotated, and still works.
  add column rotation_due_at timestamptz,
  add column rotation_due_reason text check (char_length(rotation_due_reason) <= 200),
  add constraint rate_limit_has_window check ((rate_limit is null) = (rate_window_sec is null)),
  add constraint origins_are_for_browsers check (kind = 'publishable' or allowed_origins = '{}');
-- A key is rotated once.
create unique index api_keys_rotated_from on auth.api_keys (rotated_from)
  where rotated_from is not null;
create index api_keys_ending on auth.api_keys (expires_at)
  where revoked_at is null and purpose = 'key';

-- Requests without any credential, for development: off unless the app says so.
alter table auth.apps add column anonymous_access boolean not null default false;

-- A key that changes is told to whoever keeps keys in memory, with the commit.
create function auth.tell_key_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('auth_keys_changed', new.id);
  return null;
end $$;
create trigger tell_changed after update on auth.api_keys
  for each row when (
    (old.revoked_at, old.expires_at, old.grace_expires_at, old.scopes, old.resources,
      old.allowed_origins, old.ip_allowlist, old.rate_limit, old.rate_window_sec)
    is distinct from
    (new.revoked_at, new.expires_at, new.grace_expires_at, new.scopes, new.resources,
      new.allowed_origins, new.ip_allowlist, new.rate_limit, new.rate_window_sec))
  execute function auth.tell_key_changed();
create function auth.tell_keys_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('auth_keys_changed', '');
  return null;
end $$;
create trigger tell_keys_changed after update on auth.apps
  for each row execute function auth.tell_keys_changed();
create trigger tell_keys_changed after update of status, deleted_at on auth.app_users
  for each row execute function auth.tell_keys_changed();
