import type { PriceReplyWire, Sql } from '@clearinghouse/shared';

/** Reads the newest price of ether and how old it is by the database's clock. */
export async function readPrice(
  deps: { readonly sql: Sql },
  { maxAgeMs }: { readonly maxAgeMs: number },
): Promise<PriceReplyWire> {
  const [row] = await deps.sql<{ price_e8: string; age_ms: string }[]>`
    select price_e8::text,
      greatest(0, extract(epoch from clock_timestamp() - observed_at) * 1000)::bigint::text as age_ms
    from billing.fx_rates where pair = 'ETH/USD' order by id desc limit 1`;
  if (!row) return { price: null };
  return { price: { priceE8: row.price_e8, ageMs: Number(row.age_ms), maxAgeMs } };
}
