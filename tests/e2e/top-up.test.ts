import { setTimeout as sleep } from 'node:timers/promises';
import { connectSuperuser } from '@clearinghouse/embedded';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp } from './fixture/open-app.ts';
import { newPaymentSession, type PaidAnswer, pay } from './fixture/pay.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';
import { stateHash } from './fixture/state-hash.ts';

/** A live session begins with 10 s, which is a little less than one ticket at this price. */
const PRICE_PER_SEC = 99_900_000_000n;
const FIRST_CALL_MICROS = 2_997n;
const IDLE_MAX_S = 2;

describe('a session whose balance is used up', () => {
  let stack: TestStack;
  let impatient: string;
  beforeAll(async () => {
    stack = await startTestStack();
    impatient = await stack.start('signer', 'signer-impatient', {
      SESSION_IDLE_MAX_S: String(IDLE_MAX_S),
    });
  });
  afterAll(() => stack?.stop());

  const billableMs = async (answer: PaidAnswer) => {
    const sql = connectSuperuser(stack.database.superuserUrl);
    const [row] = await sql<{ ms: string }[]>`
      select billable_ms::text as ms from billing.holds
      where new_state_hash = decode(${stateHash(answer)}, 'hex')`;
    await sql.end({ timeout: 5 });
    return BigInt(row?.ms ?? '0');
  };

  it('is told 402, and pays on after a top-up', async () => {
    const app = await openApp(stack, FIRST_CALL_MICROS);
    const token = await app.machineToken();
    const session = newPaymentSession({ type: 'live', pricePerUnit: PRICE_PER_SEC });
    const first = await pay(stack.signerUrl, token, session());
    expect(first.status, first.text).toBe(200);
    for (let call = 0; call < 4; call += 1) {
      await sleep(500);
      const refused = await pay(stack.signerUrl, token, session(first.json.state));
      expect(refused).toMatchObject({
        status: 402,
        json: { error: { code: 'insufficient_balance' } },
      });
    }
    await app.credit(1_000_000n);
    // The first payment after it covers all the time since the last one that was paid.
    const paid = await pay(stack.signerUrl, token, session(first.json.state));
    expect(paid.status, paid.text).toBe(200);
    expect(await billableMs(paid)).toBeGreaterThanOrEqual(2_000n);
  });

  it('is session_idle when it rested for too long, and a new session begins', async () => {
    const app = await openApp(stack, 1_000_000n);
    const token = await app.machineToken();
    const session = newPaymentSession({ type: 'live', pricePerUnit: PRICE_PER_SEC });
    const first = await pay(impatient, token, session());
    expect(first.status, first.text).toBe(200);
    const late = session(first.json.state);
    const idle = await waitFor(
      async () => {
        const answer = await pay(impatient, token, late);
        // Before its time is over it is paid, and the same request again is that payment.
        return answer.status === 200 ? undefined : answer;
      },
      { what: 'session_idle', timeoutMs: 20_000, intervalMs: 500 },
    );
    expect(idle).toMatchObject({ status: 400, json: { error: { code: 'session_idle' } } });
    expect(idle.json.error?.message).toContain('start a new session');
    const fresh = newPaymentSession({ type: 'live', pricePerUnit: PRICE_PER_SEC });
    const again = await pay(impatient, token, fresh());
    expect(again.status, again.text).toBe(200);
  });
});
