import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from '@clearinghouse/shared';
import { causeFaults } from './cause-faults.ts';
import { checkBooks, compare, type Opening } from './check-books.ts';
import { createRandom } from './create-random.ts';
import type { DrillCheck, DrillOptions, DrillReport } from './drill-options.ts';
import { type AnswerBook, keepAnswers } from './keep-answers.ts';
import { type DrillStack, openDrillStack } from './open-drill-stack.ts';
import { openPayers, type Payer } from './open-payers.ts';
import { paySessions } from './pay-sessions.ts';
import { createPoster } from './post-payment.ts';
import { proveBooks } from './prove-books.ts';
import { type BalanceSamples, sampleBalances } from './sample-balances.ts';
import { waitQuiet } from './wait-quiet.ts';

const QUIET_MS_MAX = 120_000;
const TELL_EVERY_MS = 5_000;
/** One payer of ten has little money. */
const SHARE_OF_POOR = 0.1;

/**
 * Pays through HTTP over two signers and two billing processes while they and Redis are killed,
 * and proves the books afterwards. Needs `redis-server` on PATH; everything else it starts itself.
 */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  options.progress('starting Postgres, Redis, a chain and the services');
  const stack = await openDrillStack();
  let ok = false;
  try {
    const report = await drill(stack, options);
    ok = report.ok;
    return report;
  } finally {
    await stack.stop();
    if (ok && !options.keep) rmSync(stack.servers.dataDir, { recursive: true, force: true });
  }
}

async function drill(stack: DrillStack, options: DrillOptions): Promise<DrillReport> {
  const payers = await openAllPayers(stack, options.payers);
  const openings = await readOpenings(stack.sql);
  const sampler = sampleBalances(stack.sql);
  options.progress(`${payers.length} payers begin`);
  const run = await payAll(stack, payers, options);
  const quiet = await waitQuiet(stack.sql, QUIET_MS_MAX);
  options.progress(`quiet after ${quiet.toFixed(1)} s`);
  const samples = await sampler.stop();
  const { answers } = run;
  const checks = [
    compare('payments were all made', 'yes', answers.payments() >= options.payments ? 'yes' : 'no'),
    ...(await checkBooks(stack.sql, { answers, openings })),
    ...checkSamples(samples),
    compare('records no signer could settle', 0, countUnresolved(stack.servers.dataDir)),
    await checkProof(stack),
  ];
  return {
    ok: checks.every(({ holds }) => holds),
    checks,
    answers: answers.byStatus(),
    payments: answers.payments(),
    kills: run.kills,
    seconds: run.seconds,
    perSecond: answers.payments() / run.seconds,
    dataDir: stack.servers.dataDir,
  };
}

async function openAllPayers(stack: DrillStack, count: number): Promise<Payer[]> {
  const poor = Math.floor(count * SHARE_OF_POOR);
  const [rich, few] = await Promise.all([
    openPayers(stack.authOrigin, stack.rich, { count: count - poor, prefix: 'rich' }),
    openPayers(stack.authOrigin, stack.poor, { count: poor, prefix: 'poor' }),
  ]);
  return [...rich, ...few];
}

type Run = {
  readonly answers: AnswerBook;
  readonly kills: Readonly<Record<string, number>>;
  readonly seconds: number;
};

async function payAll(
  stack: DrillStack,
  payers: readonly Payer[],
  options: DrillOptions,
): Promise<Run> {
  const { payments, seed, secondsMax, secondsBetweenKills, progress } = options;
  const answers = keepAnswers();
  const poster = createPoster();
  const random = createRandom(seed);
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  let isOver = false;
  const isDone = () => isOver || answers.payments() >= payments || seconds() > secondsMax;
  const tell = setInterval(() => {
    progress(`${answers.payments()} of ${payments} payments`);
  }, TELL_EVERY_MS);
  const faults = causeFaults({
    stack,
    random: createRandom(seed + 1),
    secondsBetweenKills,
    isDone,
    isHalfway: () => answers.payments() >= payments / 2,
    progress,
  });
  const deps = { poster, answers, random, signerUrls: stack.signerUrls, isDone };
  try {
    const paying = Promise.all(payers.map((payer) => paySessions(deps, payer)));
    await Promise.race([paying, faults.then(() => paying)]);
    return { answers, seconds: seconds(), kills: await faults };
  } finally {
    isOver = true;
    clearInterval(tell);
    poster.close();
  }
}

async function readOpenings(sql: Sql): Promise<Opening[]> {
  const rows = await sql<{ app_id: string; posted: string }[]>`
    select a.app_id, b.posted::text as posted from billing.balances b
    join billing.accounts a on a.id = b.account_id
    where a.kind = 'prepaid' and b.currency = 'USD'`;
  return rows.map((row) => ({ appId: row.app_id, postedMicros: BigInt(row.posted) }));
}

function checkSamples(samples: BalanceSamples): DrillCheck[] {
  const { leastPosted, leastAvailable, leastHeld } = samples;
  const isSound = [leastPosted, leastAvailable, leastHeld].every((value) => value >= 0n);
  const found = `posted ${leastPosted}, available ${leastAvailable}, held ${leastHeld}`;
  const name = `no balance below zero in ${samples.samples} samples`;
  return [{ name, expected: 'all at least 0', actual: found, holds: isSound }];
}

/** Signed payments whose settlement billing refused, put aside by a signer. */
function countUnresolved(dataDir: string): number {
  const folder = join(dataDir, 'journal', 'unresolved');
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

async function checkProof(stack: DrillStack): Promise<DrillCheck> {
  const url = stack.servers.postgres.url('billing_app', 'clearinghouse');
  const { code, text } = await proveBooks(url);
  const name = 'exit code of the proof of the books';
  return { ...compare(name, 0, code), actual: code === 0 ? '0' : `${code}: ${text}` };
}
