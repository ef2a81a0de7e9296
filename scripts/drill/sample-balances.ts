import type { Sql } from '@clearinghouse/shared';

/** The least that was ever seen while payments went on, in micro-USD. */
export type BalanceSamples = {
  readonly samples: number;
  readonly leastPosted: bigint;
  readonly leastAvailable: bigint;
  readonly leastHeld: bigint;
};

const SAMPLE_EVERY_MS = 150;

/** Watches the customers' balances until stopped. */
export function sampleBalances(sql: Sql): { readonly stop: () => Promise<BalanceSamples> } {
  let seen: BalanceSamples | undefined;
  const look = async () => {
    const [row] = await sql<{ posted: string; available: string; held: string }[]>`
      select min(posted)::text as posted, min(posted - held)::text as available,
        min(held)::text as held
      from billing.balances b join billing.accounts a on a.id = b.account_id
      where a.kind = 'prepaid' and b.currency = 'USD'`;
    if (!row) throw new Error('no balances to sample');
    seen = {
      samples: (seen?.samples ?? 0) + 1,
      leastPosted: least(seen?.leastPosted, row.posted),
      leastAvailable: least(seen?.leastAvailable, row.available),
      leastHeld: least(seen?.leastHeld, row.held),
    };
  };
  let looking: Promise<void> = look();
  let fault: unknown;
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      fault = error;
    });
  }, SAMPLE_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
      if (fault !== undefined) throw fault;
      await look();
      if (seen === undefined) throw new Error('nothing was sampled');
      return seen;
    },
  };
}

function least(known: bigint | undefined, text: string): bigint {
  const value = BigInt(text);
  return known === undefined || value < known ? value : known;
}
