-- Amounts. `numeric(78,0)` alone lets NaN pass a `>= 0` check, so each domain names it; values
-- with a fraction are refused by the services before they come here (a cast would round them).
create domain billing.wei as numeric(78, 0)
  check (value >= 0 and value <> 'NaN'
    and value <= 115792089237316195423570985008687907853269984665640564039457584007913129639935);

-- A signed sum in any integer unit; wide enough for thousands of uint256.
create domain billing.amount as numeric(100, 0) check (value <> 'NaN');

-- An exact amount of micro-USD as an integer count of 10^-24 micro-USD.
create domain billing.usd_exact as numeric(90, 0) check (value >= 0 and value <> 'NaN');

-- Accounts of the ledger. `name` is for people: customer:<app>:prepaid, customer:<app>:uncollected,
-- platform:revenue_markup, platform:network_cost, platform:cash, signer:<address>:ticket_liability.
create table billing.accounts (
  id bigint generated always as identity primary key,
  name text not null unique,
  kind text not null check (kind in
    ('prepaid', 'uncollected', 'revenue_markup', 'network_cost', 'cash', 'ticket_liability')),
  app_id text,
  -- Added to the network's price, in hundredths of a percent; null means the service's default.
  markup_bps integer check (markup_bps between 0 and 1000000),
  suspended_at timestamptz,
  suspended_reason text,
  created_at timestamptz not null default clock_timestamp()
);
create unique index accounts_app_kind on billing.accounts (app_id, kind) where app_id is not null;

-- Only customers have a stored balance; those of the platform are derived from the entries, since
-- one stored row that every payment touches would queue them all.
create table billing.balances (
  account_id bigint not null references billing.accounts (id),
  currency text not null check (currency in ('USD', 'WEI')),
  posted billing.amount not null default 0,
  held billing.amount not null default 0,
  credit_limit billing.amount not null default 0,
  -- What rounding down left over, below one micro-USD: of the charge, and of its network part.
  remainder billing.usd_exact not null default 0,
  network_remainder billing.usd_exact not null default 0,
  version bigint not null default 0,
  primary key (account_id, currency),
  constraint balances_held_not_negative check (held >= 0),
  constraint balances_not_overdrawn check (posted - held >= -credit_limit),
  constraint balances_credit_limit check (credit_limit >= 0),
  constraint balances_remainder check (remainder < 1e24 and network_remainder < 1e24)
) with (fillfactor = 50);

-- Bounds below the balance. A row of metric session_credit_wei comes into being with the first
-- hold of its scope and has no limit of its own until an operator sets one (null: the default).
create table billing.caps (
  app_id text not null,
  scope text not null check (scope in ('app', 'user', 'key')),
  scope_id text not null,
  metric text not null check (metric in ('charge_micros', 'session_credit_wei')),
  period text not null check (period in ('day', 'month', 'total')),
  limit_amount billing.amount check (limit_amount >= 0),
  used billing.amount not null default 0,
  -- The sum over the open holds of the scope; signed for session credit only.
  held billing.amount not null default 0,
  -- First day of the window that `used` speaks of; rolled when the row is next touched.
  window_start date not null,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (app_id, scope, scope_id, metric, period),
  constraint caps_held_not_negative check (held >= 0 or metric = 'session_credit_wei'),
  constraint caps_used_not_negative check (used >= 0)
) with (fillfactor = 50);

grant usage on schema billing to billing_app;
grant select, insert, update on billing.accounts, billing.balances to billing_app;
grant select, insert, update, delete on billing.caps to billing_app;
grant select on billing.migrations to billing_app;
