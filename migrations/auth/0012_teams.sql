-- Organisations: an app belongs to a team, a team has members with roles.
create table auth.teams (
  id text primary key check (id ~ '^team_[0-9a-f]{24}$'),
  name text not null check (char_length(name) between 1 and 100),
  created_at timestamptz not null default now()
);

create table auth.team_members (
  team_id text not null references auth.teams (id),
  account_id text not null references auth.accounts (id),
  role text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
  joined_at timestamptz not null default now(),
  primary key (team_id, account_id)
);
create index team_members_account on auth.team_members (account_id);

-- A link by mail, used once; only its SHA-256 is kept.
create table auth.team_invitations (
  id text primary key check (id ~ '^inv_[0-9a-f]{24}$'),
  token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
  team_id text not null references auth.teams (id),
  email text not null check (email = lower(email) and char_length(email) between 3 and 320),
  role text not null check (role in ('admin', 'developer', 'billing', 'viewer', 'owner')),
  invited_by text not null references auth.accounts (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create unique index team_invitations_email on auth.team_invitations (team_id, email);

-- Null: the operator's own.
alter table auth.apps add column team_id text references auth.teams (id);
create index apps_team on auth.apps (team_id) where team_id is not null;

grant select, insert, update on auth.teams to auth_app;
grant select, insert, update, delete on auth.team_members, auth.team_invitations to auth_app;
