import { queueBackends, waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { paymentBody, postPayment } from '../testing/payment-body.ts';
import {
  SIGNER_KEY,
  SIGNER_WALLET,
  startSigner,
  type TestSigner,
} from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';
import { startWeb3SignerDouble, type Web3SignerDouble } from '../testing/web3signer-double.ts';

const [backend = 'postgres'] = queueBackends();

describe('payments signed by a Web3Signer', () => {
  let world: World;
  let double: Web3SignerDouble;
  let remote: TestSigner;
  beforeAll(async () => {
    world = await startWorld(backend);
    double = await startWeb3SignerDouble([SIGNER_KEY]);
    remote = await startSigner({
      ...world.places,
      env: {
        CUSTODY: 'web3signer',
        KEYSTORE_FILE: '',
        KEYSTORE_PASSWORD: '',
        WEB3SIGNER_URL: double.url,
        WEB3SIGNER_TIMEOUT_MS: '150',
        SIGNER_ADDRESS: SIGNER_WALLET.address,
      },
    });
  });
  afterAll(async () => {
    await remote?.stop();
    await double?.stop();
    await world?.stop();
  });
  beforeEach(() => {
    Object.assign(double.rules, { mode: 'proper', times: Number.POSITIVE_INFINITY });
    double.asked.length = 0;
  });
  const pay = (signer: TestSigner, body = paymentBody()) =>
    postPayment(signer.url, world.issuer.mint(), body);

  test('the same request gives the same bytes as from a key in the process', async () => {
    const body = paymentBody();
    const [here, there] = [await pay(world.signer, body), await pay(remote, body)];
    expect(here.status).toBe(200);
    expect(there.text).toBe(here.text);
  });

  test('costs a request a ticket, one for the state, and one for a new ManifestID', async () => {
    const first = await pay(remote, paymentBody({ fields: { ManifestID: 'cost' } }));
    const tickets = world.billing.asked.at(-1)?.rebuild.numTickets ?? 0;
    expect(double.asked).toHaveLength(tickets + 2);
    double.asked.length = 0;
    const { state } = first.json;
    await pay(remote, paymentBody({ state, fields: { ManifestID: 'cost' } }));
    const more = world.billing.asked.at(-1)?.rebuild.numTickets ?? 0;
    expect(double.asked).toHaveLength(more + 1);
  });

  test.each(['hang', 'wrong_key', 'high_s', 'status_500', 'truncated'] as const)(
    '%s: 503, the hold released, nothing journaled',
    async (mode) => {
      const released = world.billing.released.length;
      double.rules.mode = mode;
      const answer = await pay(remote);
      expect(answer.status).toBe(503);
      expect(answer.json).toEqual({
        error: { message: 'Service Unavailable Error', code: 'custody_unavailable' },
      });
      await waitFor(() => world.billing.released.length > released, { what: 'the release' });
      double.rules.mode = 'proper';
      expect((await pay(remote)).status).toBe(200);
      const { holdId, reason } = world.billing.released.at(-1) ?? {};
      expect(reason).toBe('not_signed');
      expect(world.billing.settled.some((item) => item.holdId === holdId)).toBe(false);
    },
  );
});
