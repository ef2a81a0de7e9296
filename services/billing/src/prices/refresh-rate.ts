import { type Outcome, ok, refused, type Sql, withTransaction } from '@clearinghouse/shared';
import { raiseAlarms } from '../alarms/raise-alarms.ts';
import { LIMITS } from '../limits.ts';
import type { ObservedPrice, PriceSource } from './price-source.ts';

export type RefreshRateDeps = {
  readonly sql: Sql;
  readonly source: PriceSource;
  /** The operator says that the next jump is real. */
  readonly acceptJump: boolean;
};

/** Takes turns, so that two processes do not both accept a jump from the same last price. */
const RATE_LOCK = 7_263_849_106n;

/**
 * Observes the price of ether and stores it as the snapshot for the holds that follow.
 *
 * A price that is not positive, or ten times above or below the last one, is refused
 * with an alarm; payments go on at the last price until it is stale.
 *
 * @returns `fx_stale` for a refused price.
 */
export async function refreshRate(deps: RefreshRateDeps): Promise<Outcome<bigint, 'fx_stale'>> {
  const observed = await deps.source();
  return await withTransaction(deps.sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(${RATE_LOCK.toString()}::bigint)`;
    const [last] = await tx<{ price_e8: string }[]>`
      select price_e8 from billing.fx_rates where pair = 'ETH/USD' order by id desc limit 1`;
    const reason = faultOf(observed, last && BigInt(last.price_e8), deps.acceptJump);
    if (reason) {
      const detail = { reason, priceE8: observed.priceE8.toString() };
      await raiseAlarms(tx, [{ kind: 'price_refused', subject: observed.source, detail }]);
      return refused('fx_stale', reason);
    }
    const [row] = await tx<{ id: bigint }[]>`
      insert into billing.fx_rates (pair, price_e8, source, round_id, observed_at)
      values ('ETH/USD', ${observed.priceE8.toString()}, ${observed.source},
        ${observed.roundId ?? null}, ${new Date(observed.observedAtMs)})
      returning id`;
    if (!row) throw new Error('the price was not stored');
    return ok(row.id);
  });
}

function faultOf(
  observed: ObservedPrice,
  lastE8: bigint | undefined,
  acceptJump: boolean,
): string | undefined {
  const { priceE8 } = observed;
  if (priceE8 <= 0n) return 'not positive';
  if (lastE8 === undefined || acceptJump) return undefined;
  const jumped = priceE8 >= lastE8 * LIMITS.priceJumpMax || priceE8 * LIMITS.priceJumpMax <= lastE8;
  return jumped ? 'jump' : undefined;
}
