-- Who may still spend. Auth writes it in the transaction of each change; billing reads it inside
-- the hold transaction. The one table that two services share.
create table identity.principal_status (
  kind text not null check (kind in ('app', 'user', 'client', 'key', 'grant', 'jti')),
  id text not null check (char_length(id) between 1 and 128),
  app_id text not null check (char_length(app_id) between 1 and 128),
  status text not null check (status in ('active', 'suspended', 'revoked')),
  revoked_at timestamptz,
  changed_at timestamptz not null default now(),
  primary key (kind, id),
  check ((status = 'revoked') = (revoked_at is not null))
);

-- Revoked is final: no later change brings a principal back.
create function identity.keep_revoked() returns trigger language plpgsql as $$
begin
  if old.status = 'revoked' and new.status <> 'revoked' then
    raise exception 'a revoked % stays revoked', old.kind using errcode = 'check_violation';
  end if;
  return new;
end $$;

create trigger keep_revoked before update on identity.principal_status
  for each row execute function identity.keep_revoked();

revoke all on schema identity, auth from public;
grant usage on schema identity to auth_app, billing_app;
grant usage on schema auth to auth_app;
grant select on auth.migrations to auth_app;
grant select on identity.principal_status to billing_app;
-- No delete: an app role can revoke, never forget a revocation.
grant select, insert, update on identity.principal_status to auth_app;
