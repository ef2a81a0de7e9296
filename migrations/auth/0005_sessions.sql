-- A signer session is an API key that an app's backend got for a user instead of a JWT: opaque,
-- long-lived, revocable. It is told apart so that its number is bounded per user, not per app.
alter table auth.api_keys add column purpose text not null default 'key'
  check (purpose in ('key', 'session'));
alter table auth.api_keys add constraint session_has_user
  check (purpose = 'key' or user_id is not null);
create index api_keys_sessions on auth.api_keys (user_id, created_at desc)
  where purpose = 'session' and revoked_at is null;
