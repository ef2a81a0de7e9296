-- What the issuer keeps besides: counters of rate limits, families of refresh tokens, the clock of
-- device polls, issuers of others whose tokens may be exchanged.

-- Counters where there is no Redis. Unlogged: after a crash everybody begins again at zero.
create unlogged table auth.rate_counters (
  key varchar(255) primary key,
  points integer not null default 0,
  -- Milliseconds since 1970.
  expire bigint
);
create index rate_counters_expire on auth.rate_counters (expire);

-- A refresh token knows the one it came from. `superseded_at`: a later child of the same parent
-- took its place. `answered_at`: the tokens that a code bought have gone out. `polled_at`: the
-- last accepted poll of a device code.
alter table auth.oidc_artifacts
  add column parent_hash bytea check (octet_length(parent_hash) = 32),
  add column first_used_at timestamptz,
  add column superseded_at timestamptz,
  add column replays integer not null default 0 check (replays >= 0),
  add column answered_at timestamptz,
  add column polled_at timestamptz;
create index oidc_artifacts_parent on auth.oidc_artifacts (parent_hash)
  where parent_hash is not null;

alter table auth.user_refresh_tokens
  add column parent_sha256 bytea check (octet_length(parent_sha256) = 32),
  add column first_used_at timestamptz,
  add column superseded_at timestamptz,
  add column replays integer not null default 0 check (replays >= 0);
create index user_refresh_tokens_parent on auth.user_refresh_tokens (parent_sha256)
  where parent_sha256 is not null;

-- Issuers of others whose JWTs a confidential client of the app may exchange (RFC 8693).
create table auth.external_issuers (
  id text primary key check (id ~ '^ext_[0-9a-f]{24}$'),
  app_id text not null references auth.apps (id),
  issuer text not null check (char_length(issuer) between 8 and 512),
  jwks_uri text not null check (char_length(jwks_uri) between 8 and 512),
  algs text[] not null check (
    cardinality(algs) between 1 and 8
    and algs <@ array['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']),
  audience text not null check (char_length(audience) between 1 and 512),
  -- The claim that holds the app's own id of the user.
  subject_claim text not null default 'sub' check (subject_claim ~ '^[A-Za-z0-9_]{1,64}$'),
  -- Whether a user that the app does not know yet is created.
  provisions_users boolean not null default false,
  status text not null default 'active' check (status in ('active', 'disabled')),
  created_by text not null check (char_length(created_by) <= 128),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (app_id, issuer)
);

grant select, insert, update, delete on auth.rate_counters, auth.external_issuers to auth_app;
