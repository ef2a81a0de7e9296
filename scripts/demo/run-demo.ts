import { compareAll, type Observed } from './compare-all.ts';
import { checkRunning, type DemoConfig } from './config.ts';
import type { DemoReport, PayerLine } from './demo-report.ts';
import { openNetwork } from './open-network.ts';
import { playDemo } from './play-demo.ts';
import { usageOf } from './read-usage.ts';

/**
 * Runs the main job against a running stack: a client app, gateways, an honest orchestrator and
 * the chain; then compares every figure with the one from another source.
 *
 * @returns the report; its `ok` is false when two figures that must agree do not.
 * @throws Error naming the step that could not be done.
 */
export async function runDemo(config: DemoConfig): Promise<DemoReport> {
  const startedAtMs = performance.now();
  await checkRunning({
    auth: `${config.issuer}/.well-known/openid-configuration`,
    signer: `${config.signerUrl}/healthz`,
  });
  const network = await openNetwork(config);
  try {
    const { seen, ...played } = await playDemo(config, network);
    const comparisons = compareAll(seen);
    const records = [...seen.records.values()].flat();
    return {
      ok: comparisons.every((comparison) => comparison.agrees),
      payments: records.length,
      tickets: records.reduce((sum, record) => sum + record.tickets, 0),
      winners: seen.totals.winners.length,
      ...played,
      faceValueRedeemedWei: seen.redeemed.redemptions
        .reduce((sum, redemption) => sum + redemption.paidWei, 0n)
        .toString(),
      balanceBeforeMicros: seen.booksBefore.balanceMicros.toString(),
      balanceAfterMicros: seen.booksAfter.balanceMicros.toString(),
      payers: payerLines(seen),
      comparisons,
      seconds: Math.round((performance.now() - startedAtMs) / 100) / 10,
    };
  } finally {
    await network.close();
  }
}

function payerLines(seen: Observed): PayerLine[] {
  return [...seen.records].map(([payer, records]) => {
    const metered = usageOf(seen.usage, payer);
    return {
      payer,
      payments: records.length,
      tickets: records.reduce((sum, record) => sum + record.tickets, 0),
      feeWei: metered.feeWei.toString(),
      chargeMicros: metered.chargeMicros.toString(),
    };
  });
}
