create table auth.api_keys (
  id text primary key check (id ~ '^key_[0-9a-f]{24}$'),
  app_id text not null references auth.apps (id),
  -- Null: the app's own key (a gateway); its payments are not told apart by user.
  user_id text references auth.app_users (id),
  kind text not null check (kind in ('secret', 'publishable')),
  mode text not null check (mode in ('live', 'test')),
  name text not null check (char_length(name) between 1 and 200),
  -- HMAC-SHA-256 (pepper of that version, SHA-256 (key)).
  key_hmac bytea not null unique check (octet_length(key_hmac) = 32),
  pepper_version integer not null check (pepper_version between 1 and 1000000),
  display_prefix text not null check (char_length(display_prefix) <= 16),
  last4 text not null check (char_length(last4) = 4),
  scopes text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_reason text check (char_length(revoked_reason) <= 200),
  last_used_at timestamptz
);
create index api_keys_app on auth.api_keys (app_id, created_at, id);
create index api_keys_user on auth.api_keys (user_id) where user_id is not null;

-- Append-only: who did what to whom, and why a credential was refused. Never a secret.
create table auth.audit_log (
  id bigint generated always as identity primary key,
  occurred_at timestamptz not null default now(),
  app_id text,
  actor text not null check (char_length(actor) <= 128),
  action text not null check (char_length(action) <= 64),
  target text check (char_length(target) <= 128),
  reason text check (char_length(reason) <= 200),
  request_id text check (char_length(request_id) <= 64),
  detail jsonb not null default '{}'
);
create index audit_log_app on auth.audit_log (app_id, occurred_at desc);

create table auth.idempotency_keys (
  scope text not null,
  key text not null,
  input_hash bytea not null,
  status integer,
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_keys_age on auth.idempotency_keys (created_at);

grant select, insert, update on auth.api_keys to auth_app;
grant select, insert on auth.audit_log to auth_app;
grant select, insert, update, delete on auth.idempotency_keys to auth_app;
