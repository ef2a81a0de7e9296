import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paymentBody, postPayment } from '../testing/payment-body.ts';
import { startSigner, type TestSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';

describe('a price ceiling in USD, by billing’s price over the queue', () => {
  let world: World;
  const signers: TestSigner[] = [];
  beforeAll(async () => {
    world = await startWorld('postgres', { MAX_PRICE_PER_UNIT: '1USD' });
  });
  afterAll(async () => {
    for (const signer of signers) await signer.stop();
    await world?.stop();
  });

  const signerWith = async (MAX_PRICE_PER_UNIT: string) => {
    const journalDir = mkdtempSync(join(tmpdir(), 'signer-journal-'));
    const signer = await startSigner({ ...world.places, journalDir, env: { MAX_PRICE_PER_UNIT } });
    signers.push(signer);
    return signer;
  };
  const pay = async (signer: TestSigner) => {
    const { status, json } = await postPayment(signer.url, world.issuer.mint(), paymentBody());
    return [status, json.error?.code];
  };

  test('a price below it is paid', async () => {
    expect(await pay(world.signer)).toEqual([200, undefined]);
  });

  test('a price above it is 481', async () => {
    const signer = await signerWith('0.00000000000000000001usd');
    await expect.poll(() => pay(signer)).toEqual([481, 'price_exceeded']);
  });

  test('while nobody knows what an ether is worth nothing is held and nothing signed', async () => {
    world.billing.rules.price = null;
    const before = world.billing.asked.length;
    expect(await pay(await signerWith('1usd'))).toEqual([503, 'fx_stale']);
    expect(world.billing.asked).toHaveLength(before);
  });
});
