-- Who was shown a client's secret: when that person leaves the team, the secret is due for rotation.
alter table auth.client_secrets
  add column created_by text check (char_length(created_by) <= 128),
  add column rotation_due_at timestamptz,
  add column rotation_due_reason text check (char_length(rotation_due_reason) <= 200);
