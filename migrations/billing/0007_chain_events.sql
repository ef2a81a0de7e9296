-- What the chain says of our accounts, and the books' view of deposit and reserve.
--
-- The checks are widened: every row so far obeys the narrower ones, so nothing is scanned.
alter table billing.accounts drop constraint accounts_kind_check;
alter table billing.accounts add constraint accounts_kind_check check (kind in
  ('prepaid', 'uncollected', 'revenue_markup', 'network_cost', 'cash', 'ticket_liability',
   'chain_deposit', 'chain_reserve', 'chain_wallet', 'pre_adoption', 'co_signer',
   'unknown_redemptions')) not valid;
alter table billing.ledger_txns drop constraint ledger_txns_kind_check;
alter table billing.ledger_txns add constraint ledger_txns_kind_check check (kind in
  ('settlement', 'credit', 'adjustment', 'reversal', 'chain')) not valid;

-- A chain that is followed, and how far. The key tells a development chain from the next one with
-- the same id. Whoever moves the cursor locks the row: several signers may watch at once.
create table billing.chains (
  chain text primary key,
  chain_id numeric(38, 0) not null,
  ticket_broker bytea not null,
  opened_number bigint not null,
  opened_hash bytea not null,
  cursor_number bigint not null,
  cursor_hash bytea not null,
  reorganisations bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Blocks that were the cursor once: where to go back to when the chain has other blocks now.
create table billing.chain_blocks (
  chain text not null references billing.chains (chain),
  number bigint not null,
  hash bytea not null,
  primary key (chain, number)
);

-- An account of ours on a chain. `booked` is what its events sum to, moved with them; `observed`
-- is what the contract itself said at a block. At the same block they are equal to the wei.
create table billing.chain_senders (
  chain text not null references billing.chains (chain),
  sender bytea not null,
  opened_number bigint not null,
  opening_txn_id uuid,
  -- Tickets of earlier rounds were signed before this installation was in charge.
  adopted_at_round billing.wei not null,
  booked_deposit_wei billing.amount not null,
  booked_reserve_wei billing.amount not null,
  observed_deposit_wei billing.wei not null,
  observed_reserve_wei billing.wei not null,
  observed_withdraw_round billing.wei not null,
  observed_round billing.wei not null,
  observed_number bigint not null,
  observed_at timestamptz not null default clock_timestamp(),
  primary key (chain, sender)
) with (fillfactor = 50);

create table billing.chain_events (
  id uuid primary key,
  chain text not null references billing.chains (chain),
  transaction_hash bytea not null,
  log_index bigint not null,
  block_number bigint not null,
  block_hash bytea not null,
  name text not null,
  sender bytea not null,
  recipient bytea,
  -- Of a withdrawal: its part of the deposit, and of the reserve.
  amount_wei billing.wei,
  reserve_wei billing.wei,
  -- Of an unlock.
  start_round billing.wei,
  end_round billing.wei,
  -- Of a redemption: the ticket, what it paid, and who signed it.
  face_value_wei billing.wei,
  win_prob billing.wei,
  sender_nonce billing.wei,
  recipient_rand_hash bytea,
  creation_round billing.wei,
  creation_block_hash bytea,
  paid_wei billing.wei,
  transfer_id uuid,
  redemption text check (redemption in
    ('signed', 'unsettled', 'pre_adoption', 'co_signer', 'unknown')),
  hold_id uuid,
  -- The ledger transaction that stands for it now.
  txn_id uuid,
  -- Its block is no part of the chain any more.
  removed_at timestamptz,
  seen_at timestamptz not null default clock_timestamp()
);
create unique index chain_events_once on billing.chain_events (chain, transaction_hash, log_index)
  where removed_at is null;
create index chain_events_by_block on billing.chain_events (chain, block_number)
  where removed_at is null;
create index chain_events_to_judge on billing.chain_events (chain)
  where removed_at is null and redemption in ('unsettled', 'unknown');
create index chain_events_co_signed on billing.chain_events (chain, sender, creation_round)
  where removed_at is null and redemption = 'co_signer';

-- An event is a fact: only what it means to the books, and that its block went, may be written.
create function billing.keep_chain_event() returns trigger language plpgsql as $$
begin
  if (new.id, new.chain, new.transaction_hash, new.log_index, new.block_number, new.block_hash,
      new.name, new.sender, new.amount_wei, new.seen_at)
    is distinct from (old.id, old.chain, old.transaction_hash, old.log_index, old.block_number,
      old.block_hash, old.name, old.sender, old.amount_wei, old.seen_at)
  or (old.removed_at is not null and new.removed_at is distinct from old.removed_at) then
    raise exception 'chain_events is append-only' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger chain_events_are_kept before update on billing.chain_events
  for each row execute function billing.keep_chain_event();

grant select, insert, update on billing.chains to billing_app;
grant select, insert, update, delete on billing.chain_senders to billing_app;
grant select, insert, delete on billing.chain_blocks to billing_app;
grant select, insert, update on billing.chain_events to billing_app;
