-- Run as superuser inside the database of money and identities. May be run again.
-- `create database ... template` does not copy what is granted on the database itself, so the
-- first block is also what a clone needs.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('revoke all on database %I from queue_owner, queue_auth, queue_billing,'
    ' queue_signer', current_database());
  execute format('grant connect on database %I to auth_owner, auth_app, billing_owner,'
    ' billing_app', current_database());
end
$$;

revoke all on schema public from public;

create schema if not exists auth;
alter schema auth owner to auth_owner;
create schema if not exists identity;
alter schema identity owner to auth_owner;
create schema if not exists billing;
alter schema billing owner to billing_owner;

revoke all on schema auth, identity, billing from public;
grant usage on schema auth, identity to auth_app;
grant usage on schema billing to billing_app;
-- The one sanctioned look across services: billing reads whether a principal may still spend.
grant usage on schema identity to billing_app;

-- No default privileges on tables: every migration grants what its role may do with a table, so
-- that rows which may only be added (ledger, audit, revocations) are so by the grant itself.
