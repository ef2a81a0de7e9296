-- Whoever has shown who they are, and is not back at the issuer yet: such a sign-in ends with the
-- sessions of the account.
create index oidc_artifacts_signed_in on auth.oidc_artifacts
  ((payload -> 'result' -> 'login' ->> 'accountId'))
  where model = 'Interaction';
create index sign_in_challenges_link on auth.sign_in_challenges ((detail ->> 'accountId'))
  where kind = 'link';
