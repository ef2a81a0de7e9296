import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodePayment,
  decodeSegData,
  hashTicket,
  isWinning,
  recoverSigner,
} from '@clearinghouse/gateway-double';
import { type HoldItemWire, type HoldRefusal, holdItemSchema } from '@clearinghouse/shared';
import { queueBackends } from '@clearinghouse/testing';
import { verifyMessage } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  freshInfo,
  type PaymentAnswer,
  paymentBody,
  postPayment,
  type StateField,
} from '../testing/payment-body.ts';
import { SIGNER_WALLET, startSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';
import { isWinning as isWinningByOwnRules } from '../tickets/winning.ts';

describe.each(queueBackends())('payments over the queue on %s', (backend) => {
  let world: World;
  let token: string;
  beforeAll(async () => {
    world = await startWorld(backend);
    token = world.issuer.mint();
  });
  afterAll(() => world?.stop());
  afterEach(() => {
    world.billing.rules.hold = (_item, grant) => grant;
  });
  const pay = (body = paymentBody()) => postPayment(world.signer.url, token, body);
  const codeOf = (answer: PaymentAnswer) => [answer.status, answer.json.error?.code];
  const settledIds = () => new Set(world.billing.settled.map(({ holdId }) => holdId));

  test('a payment is what an orchestrator can verify', async () => {
    const answer = await pay(paymentBody({ info: { pricePerUnit: 3_000n, pixelsPerUnit: 1n } }));
    expect(answer.status).toBe(200);
    const payment = decodePayment(Buffer.from(answer.json.payment ?? '', 'base64'));
    const { ticketParams, expirationParams, tickets } = payment;
    if (!ticketParams || !expirationParams) throw new Error('no params');
    expect(tickets.map(({ nonce }) => nonce)).toEqual([1, 2, 3, 4, 5]);
    for (const { nonce, sig } of tickets) {
      const hash = hashTicket({
        ...ticketParams,
        ...expirationParams,
        sender: payment.sender,
        senderNonce: nonce,
      });
      expect(recoverSigner(hash, sig)).toBe(SIGNER_WALLET.address.toLowerCase());
      for (const recipientRand of [1n, 2n, 3n]) {
        const draw = { signature: sig, winProb: 1n << 255n };
        const word = Buffer.from(recipientRand.toString(16).padStart(64, '0'), 'hex');
        const own = isWinningByOwnRules({ ...draw, recipientRand: word });
        expect(isWinning({ ...draw, recipientRand })).toBe(own);
      }
    }
    const { State, Sig } = answer.json.state ?? { State: '', Sig: '' };
    const stateSig = `0x${Buffer.from(Sig, 'base64').toString('hex')}`;
    expect(verifyMessage(Buffer.from(State, 'base64'), stateSig)).toBe(SIGNER_WALLET.address);
    const segData = decodeSegData(Buffer.from(answer.json.segCreds ?? '', 'base64'));
    expect(segData.manifestId).toEqual(Buffer.from('manifest1'));
  });

  test('its hold is a whole usage record, and it is settled', async () => {
    await pay();
    const asked = world.billing.asked.at(-1);
    const parsed = holdItemSchema.safeParse(asked);
    expect(parsed.error?.issues).toBeUndefined();
    await expect
      .poll(() =>
        world.billing.settled.some((item) => item.paymentHash === asked?.rebuild.paymentHash),
      )
      .toBe(true);
  });

  test('a session goes on with its state, until its balance covers the next call', async () => {
    const orchestrator = freshInfo();
    const call = (state: StateField | undefined) =>
      pay(paymentBody({ state, fields: { orchestrator } }));
    const first = await call(undefined);
    const second = await call(first.json.state);
    const third = await call(second.json.state);
    expect([first, second, third].map(({ status }) => status)).toEqual([200, 200, 482]);
    const [before, after] = world.billing.asked.slice(-2);
    expect(after).toMatchObject({ stateId: before?.stateId, seq: 1, rebuild: { nonceFrom: 2 } });
    expect(before).toMatchObject({ seq: 0, rebuild: { nonceFrom: 1 } });
  });

  test('the same request 8 times in parallel: one payment', async () => {
    const first = await pay();
    const body = paymentBody({ state: first.json.state });
    const before = world.billing.asked.length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => pay(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const asked = world.billing.asked.slice(before);
    expect(new Set(asked.map(({ requestHash }) => requestHash)).size).toBe(1);
    expect(new Set(asked.map(({ askNo }) => askNo)).size).toBe(8);
  });

  test('a first call repeated on another replica: the same payment', async () => {
    const other = await startSigner({ ...world.places, env: { SIGNER_REPLICA: 'other' } });
    const body = paymentBody({ fields: { ManifestID: '' } });
    const first = await pay(body);
    await expect
      .poll(async () => (await postPayment(other.url, token, body)).text, { timeout: 10_000 })
      .toBe(first.text);
    await other.stop();
  });

  test.each<[HoldRefusal, number]>([
    ['insufficient_balance', 402],
    ['app_cap', 402],
    ['user_cap', 402],
    ['key_cap', 402],
    ['session_credit_limit', 402],
    ['suspended', 403],
    ['fork_limit', 409],
    ['nonce_overlap', 480],
    ['replay_stale', 480],
    ['fx_stale', 503],
  ])('refused by billing: %s', async (code, status) => {
    world.billing.rules.hold = () => ({ ok: false, code });
    const answer = await pay();
    expect(codeOf(answer)).toEqual([status, code]);
    const orchestrator = status === 480 ? 'https://orch.example:8935' : null;
    expect(answer.headers.get('livepeer-orchestrator-url')).toBe(orchestrator);
    expect(answer.json.payment).toBeUndefined();
  });

  test('one refusal touches no other payment of its batch', async () => {
    world.billing.rules.hold = (item, grant) =>
      item.askNo % 2 === 0 ? { ok: false, code: 'user_cap' } : grant;
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay()));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(10).fill(402)]);
  });

  describe('a grant that is authentic and not what was asked', () => {
    type Change = (item: HoldItemWire) => object;
    test.each<[string, Change]>([
      ['another request', () => ({ requestHash: 'f'.repeat(64) })],
      ['another amount', (item) => ({ rebuild: { ...item.rebuild, feeWei: '1' } })],
      ['other nonces', (item) => ({ rebuild: { ...item.rebuild, nonceFrom: 7 } })],
      ['another session', (item) => ({ rebuild: { ...item.rebuild, stateId: 'x' } })],
    ])('%s: 503, and nothing is signed', async (_name, change) => {
      world.billing.rules.hold = (item, grant) =>
        ({ ...grant, ...change(item) }) as Exclude<typeof grant, { ok: false }>;
      const answer = await pay();
      expect(codeOf(answer)).toEqual([503, 'bad_envelope']);
      expect(answer.json).toEqual({
        error: { message: 'Service Unavailable Error', code: 'bad_envelope' },
      });
    });

    test('one grant for two payments: the second is not signed', async () => {
      let used = '';
      world.billing.rules.hold = (_item, grant) => {
        if (!grant.ok) return grant;
        used ||= grant.holdId;
        return { ...grant, holdId: used };
      };
      expect((await pay()).status).toBe(200);
      expect(codeOf(await pay())).toEqual([503, 'bad_envelope']);
    });

    test('another shape', async () => {
      world.billing.rules.hold = (_item, grant) => ({ ...grant, holdId: 'x' }) as typeof grant;
      expect(codeOf(await pay())).toEqual([503, 'bad_envelope']);
    });

    test('a replay of another payment', async () => {
      world.billing.rules.hold = (item, grant) =>
        grant.ok
          ? {
              ...grant,
              replayed: true,
              rebuild: { ...item.rebuild, paymentHash: '0'.repeat(64) },
            }
          : grant;
      expect(codeOf(await pay())).toEqual([409, 'replay_mismatch']);
    });
  });

  test('billing that is silent: 503 after three seconds, then all is well again', async () => {
    world.billing.rules.hold = () => new Promise(() => undefined);
    expect(codeOf(await pay())).toEqual([503, 'hold_timeout']);
    world.billing.rules.hold = (_item, grant) => grant;
    expect((await pay()).status).toBe(200);
  });

  test('the watermark rises to the last ask when all is settled', async () => {
    await pay();
    const { askNo = 0 } = world.billing.asked.at(-1) ?? {};
    const { replicaId } = world.signer;
    await expect
      .poll(
        () =>
          world.billing.watermarks
            .filter((mark) => mark.replicaId === replicaId)
            .some(({ grantsClosedUpTo, last }) => grantsClosedUpTo >= askNo && !last),
        { timeout: 10_000 },
      )
      .toBe(true);
  });

  test('a signer that stops in order leaves nothing behind', async () => {
    const other = await startSigner({ ...world.places, env: { SIGNER_REPLICA: 'stopping' } });
    const answer = () => postPayment(other.url, token, paymentBody());
    await expect.poll(async () => (await answer()).status, { timeout: 10_000 }).toBe(200);
    expect(existsSync(join(world.journalDir, other.replicaId))).toBe(true);
    const before = settledIds().size;
    await answer();
    await other.stop();
    expect(settledIds().size).toBeGreaterThan(before);
    expect(existsSync(join(world.journalDir, other.replicaId))).toBe(false);
    await expect
      .poll(
        () =>
          world.billing.watermarks.find((mark) => mark.last && mark.replicaId === other.replicaId),
        { timeout: 10_000 },
      )
      .toBeDefined();
  });
});

describe.each(queueBackends())('without billing, queue on %s', (backend) => {
  test('503, nothing is signed, and the journal stays empty', async () => {
    const world = await startWorld(backend);
    const token = world.issuer.mint();
    const pay = () => postPayment(world.signer.url, token, paymentBody());
    await expect.poll(() => world.billing.settled.length).toBeGreaterThan(0);
    await world.billing.stop();
    const answer = await pay();
    expect(answer.status).toBe(503);
    expect(['hold_timeout', 'unavailable']).toContain(answer.json.error?.code);
    expect(readdirSync(world.journalDir)).toEqual([world.signer.replicaId]);
    await world.stop();
  });
});
