-- The operator may be a machine: an invitation that it makes has no person who invited.
alter table auth.team_invitations alter column invited_by drop not null;
