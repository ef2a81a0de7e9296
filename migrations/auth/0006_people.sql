-- People of this installation: who they are, how they sign in, where they are signed in. An account
-- is one person; each app knows that person as an app user of its own.
create table auth.accounts (
  id text primary key check (id ~ '^acc_[0-9a-f]{24}$'),
  -- Lower case. Written when its owner has shown that mail to it arrives, or by an operator.
  email text check (email = lower(email) and char_length(email) between 3 and 320),
  email_verified_at timestamptz,
  display_name text check (char_length(display_name) between 1 and 100),
  -- Argon2id in PHC form, with its parameters; null: this person has no password.
  password_hash text check (char_length(password_hash) between 32 and 512),
  password_changed_at timestamptz,
  status text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
  is_operator boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (email is not null or email_verified_at is null)
);
create unique index accounts_email on auth.accounts (email)
  where email is not null and status <> 'deleted';
create index accounts_created on auth.accounts (created_at, id);

-- Names by which others know a person: a wallet, or a subject at another issuer.
create table auth.account_identities (
  id text primary key check (id ~ '^idn_[0-9a-f]{24}$'),
  account_id text not null references auth.accounts (id),
  kind text not null check (kind in ('wallet', 'oidc')),
  -- wallet: `eip155` for a key, `eip155:<chain>` for a contract on that chain; oidc: the provider.
  provider text not null check (char_length(provider) between 1 and 64),
  subject text not null check (char_length(subject) between 1 and 255),
  label text not null default '' check (char_length(label) <= 320),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  unique (kind, provider, subject)
);
create index account_identities_account on auth.account_identities (account_id);

-- WebAuthn credentials. The counter of a signature never goes back.
create table auth.passkeys (
  id text primary key check (id ~ '^psk_[0-9a-f]{24}$'),
  account_id text not null references auth.accounts (id),
  credential_id bytea not null unique check (octet_length(credential_id) between 16 and 1023),
  public_key bytea not null check (octet_length(public_key) between 32 and 2048),
  counter bigint not null default 0 check (counter >= 0),
  transports text[] not null default '{}',
  backed_up boolean not null default false,
  label text not null default '' check (char_length(label) <= 100),
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkeys_account on auth.passkeys (account_id);

-- Links sent by mail, each used once; only their SHA-256 is kept.
create table auth.mail_tokens (
  token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
  purpose text not null check (purpose in ('sign_up', 'verify_email', 'reset_password')),
  -- Null for a sign-up: there is no account before the mail has arrived.
  account_id text references auth.accounts (id),
  email text not null check (email = lower(email) and char_length(email) between 3 and 320),
  -- The sign-in that waits for this, if any.
  interaction_uid text check (char_length(interaction_uid) <= 128),
  detail jsonb not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check ((purpose = 'sign_up') = (account_id is null))
);
create index mail_tokens_account on auth.mail_tokens (account_id) where account_id is not null;
create index mail_tokens_expiry on auth.mail_tokens (expires_at);

-- What was asked of somebody who is signing in, or adding a way to: nonces of wallets, challenges
-- of passkeys, states of other issuers. Each is taken once, by the browser it was made for.
create table auth.sign_in_challenges (
  id_sha256 bytea primary key check (octet_length(id_sha256) = 32),
  kind text not null check (kind in ('wallet', 'passkey', 'passkey_new', 'upstream', 'link')),
  -- The interaction or session that it belongs to.
  holder text not null check (char_length(holder) between 1 and 160),
  detail jsonb not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sign_in_challenges_expiry on auth.sign_in_challenges (expires_at);
create index sign_in_challenges_holder on auth.sign_in_challenges (holder, kind);

-- Where a person is signed in, beside the session that oidc-provider keeps (found by its uid).
create table auth.account_sessions (
  session_uid text primary key check (char_length(session_uid) between 1 and 128),
  account_id text not null references auth.accounts (id),
  methods text[] not null default '{}',
  user_agent text not null default '' check (char_length(user_agent) <= 256),
  ip text not null default '' check (char_length(ip) <= 64),
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  ends_at timestamptz not null
);
create index account_sessions_account on auth.account_sessions (account_id);
create index account_sessions_end on auth.account_sessions (ends_at);

-- An app's own user for a person of this installation; at most one each.
alter table auth.app_users add column account_id text references auth.accounts (id);
create unique index app_users_account on auth.app_users (app_id, account_id)
  where deleted_at is null and account_id is not null;
create index app_users_of_account on auth.app_users (account_id) where account_id is not null;

-- Sessions and grants of a person end with one statement.
create index oidc_artifacts_account on auth.oidc_artifacts ((payload ->> 'accountId'), model)
  where model in ('Session', 'Grant') and payload ? 'accountId';

grant select, insert, update on auth.accounts to auth_app;
grant select, insert, update, delete on auth.account_identities, auth.passkeys, auth.mail_tokens,
  auth.sign_in_challenges, auth.account_sessions to auth_app;
