import { runHoldsBench } from './run-holds-bench.ts';

// node bench/holds/run.ts, with DATABASE_URL naming a server's superuser; see README.md.
const superuserUrl = process.env.DATABASE_URL;
if (!superuserUrl) throw new Error('DATABASE_URL: a superuser of a server for the bench');
const numbers = (text: string | undefined, standard: readonly number[]) =>
  text ? text.split(',').map(Number) : standard;
const result = await runHoldsBench({
  superuserUrl,
  callers: numbers(process.env.BENCH_CALLERS, [1, 64, 256, 1024]),
  accounts: numbers(process.env.BENCH_ACCOUNTS, [1]),
});
console.log(`PostgreSQL ${result.postgres}, fsync ${result.fsync}`);
console.table(result.figures);
console.table([result.settlement]);
