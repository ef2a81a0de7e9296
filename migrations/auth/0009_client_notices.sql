-- Names each client that changes to whoever keeps clients in memory, together with the commit.
-- A change of an app changes all of its clients: an empty name says so.
create function auth.tell_client_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('auth_clients_changed', new.id);
  return null;
end $$;

create function auth.tell_secret_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('auth_clients_changed', coalesce(new.client_id, old.client_id));
  return null;
end $$;

create function auth.tell_app_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('auth_clients_changed', '');
  return null;
end $$;

create trigger tell_changed after insert or update on auth.clients
  for each row execute function auth.tell_client_changed();
create trigger tell_changed after insert or update or delete on auth.client_secrets
  for each row execute function auth.tell_secret_changed();
create trigger tell_changed after update on auth.apps
  for each row execute function auth.tell_app_changed();
