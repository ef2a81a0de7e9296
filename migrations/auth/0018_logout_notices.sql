-- Apps that are told of a session that ended here: at the account, or with it (OpenID Connect
-- Back-Channel Logout 1.0). Written with the end of the session, sent after it, forgotten when taken.
create table auth.logout_notices (
  id bigint generated always as identity primary key,
  client_id text not null,
  -- What the app knows the person as, which may be nobody any more when it is sent.
  subject text not null check (char_length(subject) between 1 and 128),
  sid text not null check (char_length(sid) between 1 and 128),
  tries integer not null default 0 check (tries >= 0),
  next_try_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index logout_notices_next on auth.logout_notices (next_try_at);

grant select, insert, update, delete on auth.logout_notices to auth_app;
