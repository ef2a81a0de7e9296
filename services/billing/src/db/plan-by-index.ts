import type { Transaction } from '@clearinghouse/shared';

/**
 * Lets this transaction reach rows by index only. A plan is kept per connection, and one that was
 * made while a table was small reads all of it, for as long as nobody analyses the table: a batch
 * that took 1 ms then takes 100. Every lookup here has its index, so nothing is lost; and one plan
 * serves every batch, so none is planned again (which costs a lone hold a millisecond).
 */
export async function planByIndex(tx: Transaction): Promise<void> {
  await tx`
    select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true),
      set_config('plan_cache_mode', 'force_generic_plan', true)`;
}
