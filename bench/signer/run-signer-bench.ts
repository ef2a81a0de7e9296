import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopProcess } from '@clearinghouse/embedded';
import { type BenchStack, startBenchStack } from '../payments/bench-stack.ts';
import type { Load, LoadResult } from '../payments/generate-load.ts';
import { cpuSeconds } from '../payments/read-memory.ts';
import { runLoad } from '../payments/run-load.ts';
import { benchLimits } from '../payments/run-payments-bench.ts';
import { curveShare } from './curve-share.ts';

const SECONDS = 8;
const WARM_SECONDS = 3;
const CALLERS = 64;
const SESSION_LENGTH = 5;
const UNBOUND = 1_000_000_000;
const TICKETS = [1, 10, 100];

/** One kind of payment, on so many signers. */
export type SignerFigure = {
  readonly tickets: number;
  readonly signers: number;
  readonly perSecond: number;
  readonly ticketsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of the signers for one payment, milliseconds. */
  readonly signerCpuMs: number;
};

export type SignerBench = {
  readonly figures: readonly SignerFigure[];
  /** One caller, one ticket. */
  readonly lone: { readonly p50Ms: number; readonly p99Ms: number };
  /** Share of a signer's busy time in the curve library, at 10 tickets. */
  readonly curveShareAt10: number;
};

/** Payments of 1, 10 and 100 tickets, on one signer and on two behind no balancer. */
export async function runSignerBench(): Promise<SignerBench> {
  const profiles = mkdtempSync(join(tmpdir(), 'clearinghouse-prof-'));
  const stack = await startBenchStack({
    backend: 'redis',
    extra: { billing: benchLimits(), signer: { MAX_TOTAL_EV_WEI: (10n ** 18n).toString() } },
  });
  try {
    const second = await stack.start('signer', 'signer-2');
    const figures: SignerFigure[] = [];
    for (const tickets of TICKETS) {
      figures.push(await measure(stack, [stack.signerUrl], tickets));
      figures.push(await measure(stack, [stack.signerUrl, second], tickets));
    }
    const lone = await runLoad({
      ...loadOf(stack, stack.signerUrl, 1),
      callers: 1,
      seconds: SECONDS,
    });
    const curveShareAt10 = await profiled(stack, profiles);
    return { figures, lone: { p50Ms: lone.p50Ms, p99Ms: lone.p99Ms }, curveShareAt10 };
  } finally {
    await stack.stop();
  }
}

function loadOf(stack: BenchStack, signerUrl: string, tickets: number): Load {
  return {
    signerUrl,
    credentials: [`Bearer ${stack.seeded.apiKey}`],
    callers: CALLERS,
    seconds: SECONDS,
    payments: UNBOUND,
    // An orchestrator keeps 600 nonces of one secret.
    sessionLength: SESSION_LENGTH,
    tickets,
  };
}

async function measure(
  stack: BenchStack,
  urls: readonly string[],
  tickets: number,
): Promise<SignerFigure> {
  const callers = CALLERS / urls.length;
  const run = (seconds: number) =>
    Promise.all(urls.map((url) => runLoad({ ...loadOf(stack, url, tickets), callers, seconds })));
  await run(WARM_SECONDS);
  const before = signerCpu(stack);
  const results: LoadResult[] = await run(SECONDS);
  const payments = results.reduce((sum, result) => sum + result.payments, 0);
  const perSecond = results.reduce((sum, result) => sum + result.perSecond, 0);
  return {
    tickets,
    signers: urls.length,
    perSecond,
    ticketsPerSecond: perSecond * tickets,
    p50Ms: Math.max(...results.map((result) => result.p50Ms)),
    p99Ms: Math.max(...results.map((result) => result.p99Ms)),
    signerCpuMs: ((signerCpu(stack) - before) * 1_000) / payments,
  };
}

function signerCpu(stack: BenchStack): number {
  const signers = [...stack.processes].filter(([name]) => name.startsWith('signer'));
  return signers.reduce((sum, [, child]) => sum + cpuSeconds(child.pid), 0);
}

/** A third signer, with Node's own profiler; the profile is written when it ends. */
async function profiled(stack: BenchStack, folder: string): Promise<number> {
  const { extra } = stack.services;
  const options = `--cpu-prof --cpu-prof-dir=${folder}`;
  const signer = { ...extra?.signer, NODE_OPTIONS: options };
  Object.assign(stack.services, { extra: { ...extra, signer } });
  const url = await stack.start('signer', 'signer-profiled');
  await runLoad({ ...loadOf(stack, url, 10), seconds: SECONDS });
  const child = stack.processes.get('signer-profiled');
  if (child) await stopProcess(child);
  stack.processes.delete('signer-profiled');
  return curveShare(folder);
}
