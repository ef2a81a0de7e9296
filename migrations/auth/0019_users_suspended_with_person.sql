-- A person who goes on after a suspension gets back what the suspension took, and no user that an
-- app has switched off itself.
alter table auth.app_users add column suspended_with_person boolean not null default false;
update auth.app_users u set suspended_with_person = true
from auth.accounts a where a.id = u.account_id and a.status = 'suspended' and u.status = 'inactive';
