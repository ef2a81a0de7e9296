-- Run as superuser inside the database of BullMQ's Postgres backend. May be run again.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('revoke all on database %I from auth_owner, auth_app, billing_owner,'
    ' billing_app', current_database());
  execute format('grant connect on database %I to queue_auth, queue_billing, queue_signer',
    current_database());
  -- BullMQ's migrator says "create schema if not exists", which needs CREATE even when it exists.
  execute format('grant connect, create on database %I to queue_owner', current_database());
end
$$;

revoke all on schema public from public;

-- The name is BullMQ's default; queue_owner migrates, the services work with migrate: false.
create schema if not exists bullmq;
alter schema bullmq owner to queue_owner;
revoke all on schema bullmq from public;
grant usage on schema bullmq to queue_auth, queue_billing, queue_signer;
alter default privileges for role queue_owner in schema bullmq
  grant select, insert, update, delete on tables to queue_auth, queue_billing, queue_signer;
alter default privileges for role queue_owner in schema bullmq
  grant usage, select on sequences to queue_auth, queue_billing, queue_signer;
