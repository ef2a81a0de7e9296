-- Everything that oidc-provider keeps. The key is SHA-256 of the id: the ids of opaque tokens and
-- codes are the bearer secrets themselves. `sealed` holds, encrypted, what a lookup by another
-- column must give back (the id of a session, the codes of a device request).
create table auth.oidc_artifacts (
  model text not null,
  id_hash bytea not null check (octet_length(id_hash) = 32),
  payload jsonb not null,
  sealed bytea,
  grant_id text,
  uid text,
  user_code_hash bytea,
  consumed_at timestamptz,
  expires_at timestamptz not null,
  primary key (model, id_hash)
);
create index oidc_artifacts_grant on auth.oidc_artifacts (grant_id) where grant_id is not null;
create unique index oidc_artifacts_uid on auth.oidc_artifacts (model, uid) where uid is not null;
create unique index oidc_artifacts_user_code on auth.oidc_artifacts (model, user_code_hash)
  where user_code_hash is not null;
create index oidc_artifacts_expiry on auth.oidc_artifacts (expires_at);

-- next: published, not signing; active: signs; retired: published until its last token is gone.
create table auth.signing_keys (
  kid text primary key,
  alg text not null check (alg in ('ES256', 'RS256')),
  public_jwk jsonb not null,
  -- AES-256-GCM: 12 bytes nonce, 16 bytes tag, ciphertext of the private JWK; aad is the kid.
  private_sealed bytea,
  status text not null check (status in ('next', 'active', 'retired', 'gone')),
  created_at timestamptz not null default now(),
  activated_at timestamptz,
  retired_at timestamptz,
  check ((status = 'gone') = (private_sealed is null))
);
create unique index signing_keys_active on auth.signing_keys (alg) where status = 'active';

-- Opaque refresh tokens of user tokens that an app's backend minted; each is used once.
create table auth.user_refresh_tokens (
  token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
  grant_id text not null,
  app_id text not null references auth.apps (id),
  user_id text not null references auth.app_users (id),
  client_id text not null references auth.clients (id),
  scope text not null,
  consumed_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index user_refresh_tokens_grant on auth.user_refresh_tokens (grant_id);
create index user_refresh_tokens_expiry on auth.user_refresh_tokens (expires_at);

grant select, insert, update, delete on auth.oidc_artifacts, auth.user_refresh_tokens to auth_app;
grant select, insert, update on auth.signing_keys to auth_app;
