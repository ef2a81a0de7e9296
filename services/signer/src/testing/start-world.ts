import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestQueue, waitFor } from '@clearinghouse/testing';
import { type AuthDouble, startAuthDouble } from './auth-double.ts';
import { type BillingDouble, startBillingDouble } from './billing-double.ts';
import { type IssuerDouble, startIssuerDouble } from './issuer-double.ts';
import { type NodeDouble, startNodeDouble } from './node-double.ts';
import { paymentBody, postPayment } from './payment-body.ts';
import { type SignerPlaces, startSigner, type TestSigner } from './start-signer.ts';

/** A signer behind HTTP, on a real queue, with everything else a double. */
export type World = {
  readonly queue: Awaited<ReturnType<typeof createTestQueue>>;
  readonly issuer: IssuerDouble;
  readonly node: NodeDouble;
  readonly auth: AuthDouble;
  readonly billing: BillingDouble;
  readonly signer: TestSigner;
  readonly places: SignerPlaces;
  readonly journalDir: string;
  readonly stop: () => Promise<void>;
};

/** Starts it all and waits until a first payment came through: then every worker is up. */
export async function startWorld(
  backend: 'redis' | 'postgres',
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  const queue = await createTestQueue(backend);
  const [issuer, node] = await Promise.all([startIssuerDouble(), startNodeDouble()]);
  const auth = startAuthDouble(queue.connection('auth'));
  const billing = startBillingDouble(queue.connection('billing'));
  const journalDir = mkdtempSync(join(tmpdir(), 'signer-journal-'));
  const places: SignerPlaces = {
    queue: queue.connection('signer'),
    issuer: issuer.issuer,
    jwksUrl: issuer.jwksUrl,
    rpcUrl: node.url,
    journalDir,
    env,
  };
  const signer = await startSigner(places);
  const pay = () => postPayment(signer.url, issuer.mint(), paymentBody());
  await waitFor(async () => (await pay()).status === 200, { what: 'a first payment' });
  return {
    queue,
    issuer,
    node,
    auth,
    billing,
    signer,
    places,
    journalDir,
    stop: async () => {
      await signer.stop();
      await Promise.all([auth.stop(), billing.stop()]);
      await Promise.all([issuer.stop(), node.stop()]);
      await queue.stop();
    },
  };
}
