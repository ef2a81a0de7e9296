import { connectDatabase } from '@clearinghouse/shared';
import { type BenchStack, startBenchStack } from './bench-stack.ts';
import { runLoad } from './run-load.ts';
import { benchLimits } from './run-payments-bench.ts';

/** Payments per second with few and with many payments stored. */
export type GrowthBench = {
  readonly stored: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const CALLERS = 64;
const SECONDS = 10;
const FIRST_PAYMENTS = 10_000;
const MANY = 1_000_000;
const WITHOUT_BOUND = 1_000_000_000;

/**
 * Ten thousand real payments; then copies of their rows under other keys up to a million, with
 * every index, and the same load again.
 */
export async function runGrowthBench(): Promise<GrowthBench[]> {
  const stack = await startBenchStack({ backend: 'redis', extra: { billing: benchLimits() } });
  try {
    const load = {
      signerUrl: stack.signerUrl,
      credentials: [`Bearer ${stack.seeded.apiKey}`],
      callers: CALLERS,
      sessionLength: 200,
    };
    await runLoad({ ...load, seconds: 600, payments: FIRST_PAYMENTS });
    const results = [await measure(stack, load)];
    await multiplyPayments(stack);
    await runLoad({ ...load, seconds: 3, payments: WITHOUT_BOUND });
    results.push(await measure(stack, load));
    return results;
  } finally {
    await stack.stop();
  }
}

async function measure(
  stack: BenchStack,
  load: { signerUrl: string; credentials: string[]; callers: number; sessionLength: number },
): Promise<GrowthBench> {
  const stored = await countHolds(stack);
  const result = await runLoad({ ...load, seconds: SECONDS, payments: WITHOUT_BOUND });
  const { perSecond, p50Ms, p99Ms } = result;
  return { stored, perSecond, p50Ms, p99Ms };
}

async function countHolds(stack: BenchStack): Promise<number> {
  return withSuperuser(stack, async (sql) => {
    const [row] = await sql<{ n: bigint }[]>`select count(*) as n from billing.holds`;
    return Number(row?.n ?? 0n);
  });
}

/** Settled holds and their usage events, copied under fresh ids, states and nonces' rand hashes. */
async function multiplyPayments(stack: BenchStack): Promise<void> {
  await withSuperuser(stack, async (sql) => {
    const columns = await sql<{ name: string }[]>`
      select column_name as name from information_schema.columns
      where table_schema = 'billing' and table_name = 'holds' order by ordinal_position`;
    const replaced: Readonly<Record<string, string>> = {
      id: 'gen_random_uuid()',
      state_id: "md5(h.state_id || '-' || n::text)",
      request_hash: 'sha256(h.request_hash || n::text::bytea)',
      recipient_rand_hash: 'sha256(h.recipient_rand_hash || n::text::bytea)',
    };
    const names = columns.map(({ name }) => name);
    const values = names.map((name) => replaced[name] ?? `h.${name}`);
    const copies = Math.ceil(MANY / FIRST_PAYMENTS);
    await sql.unsafe(`
      insert into billing.holds (${names.join(', ')})
      select ${values.join(', ')}
      from (select * from billing.holds where state = 1 limit ${FIRST_PAYMENTS}) h,
        generate_series(1, ${copies}) as n`);
    const eventColumns = await sql<{ name: string }[]>`
      select column_name as name from information_schema.columns
      where table_schema = 'billing' and table_name = 'usage_events' order by ordinal_position`;
    const eventNames = eventColumns.map(({ name }) => name);
    const eventValues = eventNames.map((name) =>
      name === 'event_id' ? 'gen_random_uuid()' : `e.${name}`,
    );
    await sql.unsafe(`
      insert into billing.usage_events (${eventNames.join(', ')})
      select ${eventValues.join(', ')}
      from (select * from billing.usage_events limit ${FIRST_PAYMENTS}) e,
        generate_series(1, ${copies}) as n`);
    await sql`analyze`;
    await sql`checkpoint`;
  });
}

async function withSuperuser<T>(
  stack: BenchStack,
  work: (sql: ReturnType<typeof connectDatabase>) => Promise<T>,
): Promise<T> {
  const url = stack.postgres.url('postgres', 'clearinghouse');
  const options = { url, applicationName: 'bench', connectionsMax: 1, statementTimeoutMs: 900_000 };
  const sql = connectDatabase(options);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
