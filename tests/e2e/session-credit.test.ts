import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type TestApp } from './fixture/open-app.ts';
import { newPaymentSession, pay } from './fixture/pay.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

/** One ticket has an expected value of 10^12 wei; a fee of 1 wei leaves the rest unearned. */
const TICKET_EV_WEI = 10n ** 12n;
const USER_SESSIONS = 6;
const APP_SESSIONS = 10;

describe('ticket value that no usage has earned', () => {
  let stack: TestStack;
  let app: TestApp;
  beforeAll(async () => {
    const limits = {
      SESSION_CREDIT_USER_WEI: String(TICKET_EV_WEI * BigInt(USER_SESSIONS)),
      SESSION_CREDIT_APP_WEI: String(TICKET_EV_WEI * BigInt(APP_SESSIONS)),
    };
    stack = await startTestStack({ extra: { billing: limits } });
    app = await openApp(stack, 1_000_000n);
    for (const name of ['alice', 'bob', 'carol']) await app.createUser(name);
  });
  afterAll(() => stack?.stop());

  /** New sessions with a fee of one wei, at once; each costs the operator a whole ticket. */
  const drain = async (user: string, sessions: number) => {
    const { access } = await app.userToken(user);
    const answers = await Promise.all(
      Array.from({ length: sessions }, () =>
        pay(stack.signerUrl, access, newPaymentSession({ inPixels: 1n })()),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    for (const answer of refused) {
      expect(answer).toMatchObject({
        status: 402,
        json: { error: { code: 'session_credit_limit' } },
      });
    }
    return answers.length - refused.length;
  };

  it('a drain with fees of 1 wei ends at the cap of the user, then at that of the app', async () => {
    expect(await drain('alice', 3 * USER_SESSIONS)).toBe(USER_SESSIONS);
    expect(await drain('alice', 2)).toBe(0);
    expect(await drain('bob', 3 * USER_SESSIONS)).toBe(APP_SESSIONS - USER_SESSIONS);
    expect(await drain('carol', 2)).toBe(0);
  });

  it('another app is not held back by it', async () => {
    const other = await openApp(stack, 1_000_000n);
    const answer = await pay(stack.signerUrl, await other.machineToken(), newPaymentSession()());
    expect(answer.status, answer.text).toBe(200);
  });
});
