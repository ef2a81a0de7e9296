-- What people have allowed the clients of an app is listed and taken back by app.
create index oidc_artifacts_client on auth.oidc_artifacts ((payload ->> 'clientId'), grant_id)
  where model = 'Grant' and grant_id is not null;
