-- Roles of the whole server; run in the database `postgres`. Owners run DDL, the others have rows
-- only, so that a revoke on a table means something. The passwords come as settings of the session
-- (clearinghouse.password_<role>), so that no password stands in this file or on a command line.
-- May be run again: it sets the passwords anew and changes nothing else.
do $$
declare
  role_name text;
  role_password text;
begin
  foreach role_name in array array[
    'auth_owner', 'billing_owner', 'queue_owner',
    'auth_app', 'billing_app',
    'queue_auth', 'queue_billing', 'queue_signer'
  ] loop
    role_password := current_setting('clearinghouse.password_' || role_name, true);
    if role_password is null or role_password = '' then
      raise exception 'no password was given for role %', role_name;
    end if;
    if not exists (select from pg_roles where rolname = role_name) then
      execute format('create role %I', role_name);
    end if;
    execute format(
      'alter role %I with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls'
      ' inherit password %L', role_name, role_password);
  end loop;
end
$$;
