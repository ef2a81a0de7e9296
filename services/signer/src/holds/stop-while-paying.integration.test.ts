import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueBackends } from '@clearinghouse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RUNTIME_LIMITS } from '../limits.ts';
import { type PaymentAnswer, paymentBody, postPayment } from '../testing/payment-body.ts';
import { startSigner, type TestSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';

/** Payments under way when the signer is told to stop: as many as may wait in messages of one. */
const PAYMENTS = RUNTIME_LIMITS.holdBatchesMax;

describe.each(queueBackends())('a signer that is stopped while it pays, on %s', (backend) => {
  let world: World;
  let signer: TestSigner;
  let journalDir: string;
  let token: string;
  /** Lets billing decide. */
  let decide: () => void;
  beforeAll(async () => {
    world = await startWorld(backend);
  });
  afterAll(() => world?.stop());
  beforeEach(async () => {
    journalDir = mkdtempSync(join(tmpdir(), 'signer-stop-'));
    signer = await startSigner({ ...world.places, journalDir });
    token = world.issuer.mint();
    const decided = new Promise<void>((resolve) => {
      decide = resolve;
    });
    world.billing.asked.length = 0;
    world.billing.rules.hold = (_item, grant) => decided.then(() => grant);
  });

  const start = () =>
    Array.from({ length: PAYMENTS }, () => postPayment(signer.url, token, paymentBody()));
  const allAsked = () =>
    expect.poll(() => world.billing.asked.length, { timeout: 10_000 }).toBe(PAYMENTS);
  const settledHashes = () => new Set(world.billing.settled.map(({ paymentHash }) => paymentHash));
  const unsettled = () => {
    const settled = settledHashes();
    return world.billing.asked.filter(({ rebuild }) => !settled.has(rebuild.paymentHash));
  };

  test('gives out what it was granted, and has it settled before it ends', async () => {
    const paying = start();
    await allAsked();
    const stopping = signer.stop();
    decide();
    const answers = await Promise.all(paying);
    expect(answers.map(({ status }) => status)).toEqual(Array(PAYMENTS).fill(200));
    await stopping;
    expect(unsettled()).toEqual([]);
    expect(readdirSync(journalDir)).toEqual([]);
    expect(signer.lost).toEqual([]);
  });

  test('takes nothing more', async () => {
    const paying = start();
    await allAsked();
    const stopping = signer.stop();
    const late = await postPayment(signer.url, token, paymentBody()).catch(
      (error: unknown) => error,
    );
    expect((late as PaymentAnswer).status).not.toBe(200);
    expect(world.billing.asked).toHaveLength(PAYMENTS);
    decide();
    await Promise.all([stopping, ...paying]);
    expect(unsettled()).toEqual([]);
  });

  test('refused holds end it as well', async () => {
    world.billing.rules.hold = async () => ({ ok: false, code: 'app_cap' });
    const paying = start();
    await allAsked();
    await signer.stop();
    expect((await Promise.all(paying)).map(({ status }) => status)).toEqual(
      Array(PAYMENTS).fill(402),
    );
    expect(readdirSync(journalDir)).toEqual([]);
  });
});
