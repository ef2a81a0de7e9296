import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp } from './fixture/open-app.ts';
import { FEE_MICROS, newPaymentSession, pay } from './fixture/pay.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';
import { watchBalance } from './fixture/watch-balance.ts';

const COVERED = 25;

describe('credit for exactly N payments, 4N asked for at once', () => {
  let stack: TestStack;
  let secondSigner: string;
  let sql: Sql;
  beforeAll(async () => {
    stack = await startTestStack();
    secondSigner = await stack.start('signer', 'signer-2');
    await stack.start('billing', 'billing-2');
    sql = connectSuperuser(stack.database.superuserUrl);
  });
  afterAll(async () => {
    await sql?.end({ timeout: 5 });
    await stack?.stop();
  });

  it('N are granted over two signers and two billing processes, the rest is 402', async () => {
    const app = await openApp(stack, FEE_MICROS * BigInt(COVERED));
    const tokens = [await app.machineToken(), (await app.createKey()).key];
    const { result, leastAvailable } = await watchBalance(sql, () =>
      Promise.all(
        Array.from({ length: 4 * COVERED }, (_, index) =>
          pay(
            index % 2 === 0 ? stack.signerUrl : secondSigner,
            tokens[Math.floor(index / 2) % 2] ?? '',
            newPaymentSession()(),
          ),
        ),
      ),
    );
    const granted = result.filter(({ status }) => status === 200);
    const refused = result.filter(({ status }) => status !== 200);
    expect(granted).toHaveLength(COVERED);
    for (const answer of refused) {
      expect(answer).toMatchObject({
        status: 402,
        json: { error: { code: 'insufficient_balance' } },
      });
    }
    expect(leastAvailable).toBeGreaterThanOrEqual(0n);
    const balance = await waitFor(
      async () => {
        const [row] = await sql<{ posted: string; held: string }[]>`
          select posted::text as posted, held::text as held from billing.balances b
          join billing.accounts a on a.id = b.account_id
          where a.app_id = ${app.appId} and a.kind = 'prepaid' and b.currency = 'USD'`;
        return row?.held === '0' ? row : undefined;
      },
      { what: 'nothing held', timeoutMs: 30_000 },
    );
    expect(balance.posted).toBe('0');
    const [events] = await sql<{ n: bigint }[]>`
      select count(*) as n from billing.usage_events where app_id = ${app.appId}`;
    expect(events?.n).toBe(BigInt(COVERED));
  });
});
