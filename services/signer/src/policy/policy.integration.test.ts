import { queueBackends } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InfoParts } from '../payments/fixtures/make-request.ts';
import { paymentBody, postPayment } from '../testing/payment-body.ts';
import { startSigner } from '../testing/start-signer.ts';
import { startWorld, type World } from '../testing/start-world.ts';

const [backend = 'postgres'] = queueBackends();

describe('policy over HTTP', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(backend);
  });
  afterAll(() => world?.stop());

  /** The answer of a signer with this policy. */
  async function pay(env: Record<string, string>, info: Partial<InfoParts> = {}) {
    const signer = await startSigner({ ...world.places, env });
    const before = world.billing.asked.length;
    const answer = await postPayment(signer.url, world.issuer.mint(), paymentBody({ info }));
    const asked = world.billing.asked.length - before;
    await signer.stop();
    return { answer, asked };
  }

  test.each([
    ['policy_face_value', { POLICY_FACE_VALUE_MAX_WEI: '1' }],
    ['policy_win_prob', { POLICY_WIN_PROB_MIN: '0.5' }],
    ['policy_ticket_ev', { POLICY_TICKET_EV_MAX_WEI: '1' }],
    ['policy_payment_ev', { POLICY_PAYMENT_EV_MAX_WEI: '1' }],
    ['policy_recipient_ev', { POLICY_RECIPIENT_EV_HOUR_MAX_WEI: '1' }],
  ])('%s: 403, and no money is held', async (code, env) => {
    const { answer, asked } = await pay(env);
    expect(answer.status).toBe(403);
    expect(answer.json.error?.code).toBe(code);
    expect(answer.json.error?.message).not.toBe('');
    expect(asked).toBe(0);
  });

  test('policy_recipient_mismatch: only where that is wanted', async () => {
    const info = { recipient: Buffer.alloc(20, 0x77) };
    const { answer } = await pay({ POLICY_RECIPIENT_IS_ORCHESTRATOR: '1' }, info);
    expect(answer.json.error?.code).toBe('policy_recipient_mismatch');
    expect((await pay({}, info)).answer.status).toBe(200);
  });

  test('policy_recipient_unregistered: a recipient that the chain does not know', async () => {
    const env = { POLICY_REGISTERED_RECIPIENTS: '1' };
    expect((await pay(env)).answer.status).toBe(200);
    world.node.facts.isRegistered = false;
    const { answer, asked } = await pay(env);
    expect(answer.json.error?.code).toBe('policy_recipient_unregistered');
    expect(asked).toBe(0);
    world.node.facts.isRegistered = true;
  });

  test('a dry run lets it pass', async () => {
    const { answer } = await pay({ POLICY_FACE_VALUE_MAX_WEI: '1', POLICY_DRY_RUN: '1' });
    expect(answer.status).toBe(200);
  });

  test('what a refused hold was counted for is given back', async () => {
    const signer = await startSigner({
      ...world.places,
      env: { POLICY_RECIPIENT_EV_HOUR_MAX_WEI: String(10n ** 12n * 3n) },
    });
    const post = async () => {
      const body = paymentBody({ fields: { type: 'live' } });
      return (await postPayment(signer.url, world.issuer.mint(), body)).json.error?.code ?? 'ok';
    };
    const { hold } = world.billing.rules;
    world.billing.rules.hold = () => ({ ok: false, code: 'insufficient_balance' });
    for (let index = 0; index < 10; index += 1) expect(await post()).toBe('insufficient_balance');
    world.billing.rules.hold = hold;
    expect(await post()).toBe('ok');
    const codes = await Promise.all(Array.from({ length: 10 }, post));
    expect(codes).toContain('policy_recipient_ev');
    await signer.stop();
  });
});
