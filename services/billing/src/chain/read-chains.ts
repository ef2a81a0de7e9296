import { CHAIN_ALARM_KINDS, type Database } from '@clearinghouse/shared';

/** What was redeemed of one account's tickets, by who signed them. */
export type RedeemedSum = { readonly tickets: number; readonly paidWei: string };

/** An account on a chain: what the events sum to beside what the contract says. */
export type ChainAccountView = {
  readonly address: string;
  readonly adoptedAtRound: string;
  readonly bookedDepositWei: string;
  readonly bookedReserveWei: string;
  readonly observed: {
    readonly block: number;
    readonly depositWei: string;
    readonly reserveWei: string;
    readonly withdrawRound: string;
    readonly round: string;
  };
  readonly redeemed: Readonly<Record<string, RedeemedSum>>;
};

/** A chain as the books have it. */
export type ChainView = {
  readonly chain: string;
  readonly ticketBroker: string;
  /** All events up to this block are in the books. */
  readonly cursor: { readonly block: number; readonly hash: string };
  readonly since: { readonly block: number };
  readonly movedAt: string;
  readonly reorganisations: number;
  readonly accounts: readonly ChainAccountView[];
};

/** An alarm about a chain that nobody has cleared. */
export type ChainAlarmView = {
  readonly kind: string;
  readonly subject: string;
  readonly detail: unknown;
  readonly times: number;
  readonly raisedAt: string;
  readonly lastAt: string;
};

type ChainRow = Omit<ChainView, 'accounts'>;
type AccountRow = ChainAccountView & { readonly chain: string };

/** Reads what the books know of every chain, and what is wrong. */
export async function readChains(deps: { readonly sql: Database }): Promise<{
  readonly chains: readonly ChainView[];
  readonly alarms: readonly ChainAlarmView[];
}> {
  const { sql } = deps;
  const [chains, accounts, alarms] = await Promise.all([
    sql<ChainRow[]>`
      select chain, '0x' || encode(ticket_broker, 'hex') as "ticketBroker",
        json_build_object('block', cursor_number, 'hash', '0x' || encode(cursor_hash, 'hex'))
          as cursor,
        json_build_object('block', opened_number) as since,
        to_json(updated_at) #>> '{}' as "movedAt", reorganisations::int as reorganisations
      from billing.chains order by updated_at desc`,
    readAccounts(sql),
    sql<ChainAlarmView[]>`
      select kind, subject, detail, times::int as times, to_json(raised_at) #>> '{}' as "raisedAt",
        to_json(last_at) #>> '{}' as "lastAt"
      from billing.alarms where cleared_at is null and kind = any(${[...CHAIN_ALARM_KINDS]})
      order by id desc limit 1000`,
  ]);
  const of = (name: string) =>
    accounts.filter(({ chain }) => chain === name).map(({ chain: _chain, ...account }) => account);
  return { chains: chains.map((row) => ({ ...row, accounts: of(row.chain) })), alarms };
}

async function readAccounts(sql: Database): Promise<AccountRow[]> {
  return await sql<AccountRow[]>`
    select s.chain, '0x' || encode(s.sender, 'hex') as address,
      s.adopted_at_round::text as "adoptedAtRound",
      s.booked_deposit_wei::text as "bookedDepositWei",
      s.booked_reserve_wei::text as "bookedReserveWei",
      json_build_object('block', s.observed_number, 'depositWei', s.observed_deposit_wei::text,
        'reserveWei', s.observed_reserve_wei::text,
        'withdrawRound', s.observed_withdraw_round::text, 'round', s.observed_round::text)
        as observed,
      coalesce((select json_object_agg(redemption, json_build_object(
          'tickets', tickets, 'paidWei', paid::text))
        from (select redemption, count(*) as tickets, sum(paid_wei) as paid
          from billing.chain_events e
          where e.chain = s.chain and e.sender = s.sender and e.removed_at is null
            and e.redemption is not null group by redemption) sums), '{}'::json) as redeemed
    from billing.chain_senders s order by s.chain, s.sender`;
}
