create table auth.apps (
  id text primary key check (id ~ '^app_[0-9a-f]{24}$'),
  name text not null check (char_length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- A deleted user keeps its row (its usage refers to it); the same external id may come again and
-- is then another user.
create table auth.app_users (
  id text primary key check (id ~ '^usr_[0-9a-f]{24}$'),
  app_id text not null references auth.apps (id),
  external_user_id text not null check (external_user_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$'),
  email text check (char_length(email) between 3 and 320),
  status text not null default 'active' check (status in ('active', 'inactive')),
  role text not null default 'user' check (char_length(role) between 1 and 64),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index app_users_external on auth.app_users (app_id, external_user_id)
  where deleted_at is null;
create index app_users_app on auth.app_users (app_id, created_at, id) where deleted_at is null;

-- `public` clients have the id of their app; `machine` and `admin` clients are `m2m_…`.
create table auth.clients (
  id text primary key check (id ~ '^(app|m2m)_[0-9a-f]{24}$'),
  app_id text references auth.apps (id),
  kind text not null check (kind in ('public', 'machine', 'admin')),
  name text not null check (char_length(name) between 1 and 200),
  scopes text[] not null default '{}',
  -- Client metadata of OpenID Connect that is not derived from `kind`: redirect_uris and so on.
  metadata jsonb not null default '{}',
  status text not null default 'active' check (status in ('active', 'suspended', 'revoked')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((kind = 'admin') = (app_id is null))
);
create index clients_app on auth.clients (app_id);

-- At most two secrets a client, by construction; only their SHA-256 is kept (256-bit random).
create table auth.client_secrets (
  client_id text not null references auth.clients (id),
  slot smallint not null check (slot in (1, 2)),
  secret_sha256 bytea not null check (octet_length(secret_sha256) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  primary key (client_id, slot)
);

-- What was done once for this installation: `seed`, `admin`.
create table auth.installation (
  step text primary key,
  detail jsonb not null default '{}',
  done_at timestamptz not null default now()
);

grant select, insert, update on auth.apps, auth.app_users, auth.clients, auth.installation to auth_app;
grant select, insert, update, delete on auth.client_secrets to auth_app;
