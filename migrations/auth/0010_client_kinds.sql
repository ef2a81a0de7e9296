-- Confidential clients of an app that people sign in with on a server: `web_…`. And apps of the
-- operator's own, at which nobody is asked for consent.
alter table auth.clients drop constraint clients_id_check;
alter table auth.clients
  add constraint clients_id_check check (id ~ '^(app|m2m|web)_[0-9a-f]{24}$');
alter table auth.clients drop constraint clients_kind_check;
alter table auth.clients
  add constraint clients_kind_check check (kind in ('public', 'machine', 'web', 'admin'));
alter table auth.apps add column is_first_party boolean not null default false;
