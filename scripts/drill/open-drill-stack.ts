import { randomUUID } from 'node:crypto';
import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { adminToken, giveCredit } from '@clearinghouse/stack';
import { type BenchStack, startBenchStack } from '../../bench/payments/bench-stack.ts';
import type { PayingApp } from './open-payers.ts';

/** A stack of two signers and two billing processes, and two apps: one rich, one poor. */
export type DrillStack = BenchStack & {
  readonly signerUrls: readonly [string, ...string[]];
  /** The database, as its superuser. */
  readonly sql: Sql;
  readonly rich: PayingApp;
  readonly poor: PayingApp;
};

/** Enough for some hundred payments of 0.3 cents; then the poor app is refused. */
const POOR_CREDIT_MICROS = '900000';
/** Session credit is bought all day long here, and is not what is tried. */
const WITHOUT_BOUND_WEI = (10n ** 24n).toString();

/**
 * Intervals short enough to see a whole life of a hold in a drill. A hold still lives longer than
 * the 10 s after which a signer signs no more.
 */
const INTERVALS = {
  billing: {
    HOLD_TTL_MS: '12000',
    SWEEP_INTERVAL_MS: '500',
    REPLICA_SILENT_AFTER_MS: '5000',
    SESSION_CREDIT_APP_WEI: WITHOUT_BOUND_WEI,
    SESSION_CREDIT_USER_WEI: WITHOUT_BOUND_WEI,
    SESSION_CREDIT_KEY_WEI: WITHOUT_BOUND_WEI,
  },
  signer: { JOURNAL_ADOPT_AFTER_MS: '3000', CHAIN_POLL_MS: '2000' },
} as const;

/** Starts everything, with Postgres and Redis of the drill's own. */
export async function openDrillStack(): Promise<DrillStack> {
  const stack = await startBenchStack({ backend: 'redis', extra: INTERVALS });
  try {
    const secondSigner = await stack.start('signer', 'signer-2');
    await stack.start('billing', 'billing-2');
    const { id, m2mClientId, m2mClientSecret } = stack.seeded.app;
    return {
      ...stack,
      signerUrls: [stack.signerUrl, secondSigner],
      sql: connectSuperuser(stack.postgres.url('postgres', 'clearinghouse')),
      rich: { appId: id, clientId: m2mClientId, clientSecret: m2mClientSecret },
      poor: await openPoorApp(stack),
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function openPoorApp(stack: BenchStack): Promise<PayingApp> {
  const token = await adminToken(stack.authOrigin, stack.seeded);
  const response = await fetch(`${stack.authOrigin}/api/v1/admin/apps`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify({ name: 'poor' }),
  });
  const answer = (await response.json()) as CreatedApp;
  const app = {
    appId: answer.app.id,
    clientId: answer.machine.clientId,
    clientSecret: answer.machine.clientSecret,
  };
  await giveCredit(stack.authOrigin, token, {
    appId: app.appId,
    amountMicros: POOR_CREDIT_MICROS,
    idempotencyKey: randomUUID(),
  });
  return app;
}

type CreatedApp = {
  readonly app: { readonly id: string };
  readonly machine: { readonly clientId: string; readonly clientSecret: string };
};
