import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askRedis } from '../../scripts/drill/ask-redis.ts';
import { countEvents } from './fixture/count-events.ts';
import { openApp, type TestApp } from './fixture/open-app.ts';
import { newPaymentSession, pay } from './fixture/pay.ts';
import { payThroughout } from './fixture/pay-throughout.ts';
import { readBooks } from './fixture/read-books.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';
import { stateHash } from './fixture/state-hash.ts';

const CREDIT_MICROS = 100_000_000n;
const AWAY = ['hold_timeout', 'unavailable'];

/** Short lives, so that a whole one of each kind is seen here. */
const INTERVALS = {
  billing: { HOLD_TTL_MS: '12000', SWEEP_INTERVAL_MS: '500', REPLICA_SILENT_AFTER_MS: '5000' },
  signer: { JOURNAL_ADOPT_AFTER_MS: '3000', CHAIN_POLL_MS: '500' },
};

describe('something is away', () => {
  let stack: TestStack;
  let secondSigner: string;
  let sql: Sql;
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    stack = await startTestStack({ extra: INTERVALS });
    secondSigner = await stack.start('signer', 'signer-2');
    sql = connectSuperuser(stack.database.superuserUrl);
    app = await openApp(stack, CREDIT_MICROS);
    token = await app.machineToken();
  });
  afterAll(async () => {
    await sql?.end({ timeout: 5 });
    await stack?.stop();
  });

  const redis = () => {
    if (!stack.redis) throw new Error('this stack has no Redis');
    return stack.redis;
  };
  const holdsOfApp = async () => {
    const [row] = await sql<{ n: bigint }[]>`
      select count(*) as n from billing.holds where app_id = ${app.appId}`;
    return row?.n;
  };
  const untilSettled = (hashes: readonly string[]) =>
    waitFor(
      async () => {
        const { events } = await countEvents(sql, hashes);
        return events === hashes.length;
      },
      { what: `${hashes.length} events`, timeoutMs: 60_000 },
    );
  const untilPaid = (url: string, body: string) =>
    waitFor(
      async () => {
        const answer = await pay(url, token, body);
        return answer.status === 200 ? answer : undefined;
      },
      { what: 'a payment', timeoutMs: 60_000, intervalMs: 200 },
    );

  const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
    'Redis is emptied': async () => {
      for (let round = 0; round < 3; round += 1) {
        expect(await askRedis(redis().port, 'FLUSHALL')).toBe('+OK');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    'Redis is killed': async () => {
      await redis().kill();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await redis().restart();
    },
    'Redis stands still': async () => {
      redis().pause();
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      redis().resume();
    },
    'billing loses its database sessions': async () => {
      for (let round = 0; round < 3; round += 1) {
        const ended = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where usename = 'billing_app' and datname = current_database()`;
        expect(ended.length).toBeGreaterThan(0);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
  };

  it.each(Object.entries(FAULTS))(
    '%s: no balance changes but by payments, no event is lost, and signing goes on',
    async (_name, cause) => {
      const run = await payThroughout({
        signerUrls: [stack.signerUrl, secondSigner],
        token,
        cause,
      });
      expect(run.statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(run.answers.length).toBeGreaterThan(0);
      const hashes = [...new Set(run.answers.map(stateHash))];
      // Never a ticket without a hold.
      expect((await countEvents(sql, hashes)).holds).toBe(hashes.length);
      await untilSettled(hashes);
    },
    120_000,
  );

  it('billing stopped: 503 and nothing is signed; the same request is paid once when it is back', async () => {
    await stack.kill('billing');
    const before = await holdsOfApp();
    const bodies = Array.from({ length: 4 }, () => newPaymentSession()());
    const refused = await Promise.all(bodies.map((body) => pay(stack.signerUrl, token, body)));
    for (const { status, json } of refused) {
      expect(status).toBe(503);
      expect(AWAY).toContain(json.error?.code);
      expect(json.payment).toBeUndefined();
    }
    expect(await holdsOfApp()).toBe(before);
    await stack.start('billing', 'billing');
    const paid = await Promise.all(bodies.map((body) => untilPaid(stack.signerUrl, body)));
    await untilSettled(paid.map(stateHash));
    expect(await holdsOfApp()).toBe((before ?? 0n) + BigInt(bodies.length));
  });

  it('auth stopped: tokens go on, and a key that nobody remembers is 503, never 401', async () => {
    const { key } = await app.createKey();
    await stack.kill('auth');
    await untilPaid(stack.signerUrl, newPaymentSession()());
    const unknown = await pay(stack.signerUrl, key, newPaymentSession()());
    expect(unknown).toMatchObject({ status: 503, json: { error: { code: 'unavailable' } } });
    await stack.start('auth', 'auth');
    const again = await waitFor(
      async () => {
        const answer = await pay(stack.signerUrl, key, newPaymentSession()());
        return answer.status === 503 ? undefined : answer;
      },
      { what: 'the key', timeoutMs: 30_000 },
    );
    expect(again.status, again.text).toBe(200);
  });

  it('the database does not answer: 503 and nothing is signed; then the same request is paid once', async () => {
    const body = newPaymentSession()();
    const lost = newPaymentSession()();
    const refused = await sql.begin(async (tx) => {
      await tx`lock table billing.balances in access exclusive mode`;
      return Promise.all([body, lost].map((one) => pay(stack.signerUrl, token, one)));
    });
    for (const { status, json } of refused) {
      expect(status).toBe(503);
      expect(AWAY).toContain(json.error?.code);
    }
    const paid = await untilPaid(secondSigner, body);
    await untilSettled([stateHash(paid)]);
  });

  it('a signer killed after it answered: another one settles its journal', async () => {
    const bodies = Array.from({ length: 5 }, () => newPaymentSession()());
    const held = await sql.begin(async (tx) => {
      // No event can be written, so every settlement waits.
      await tx`lock table billing.usage_events in access exclusive mode`;
      const answers = await Promise.all(bodies.map((body) => pay(secondSigner, token, body)));
      await stack.kill('signer-2');
      await stack.kill('billing');
      // What was on its way is gone too: only the journal knows.
      expect(await askRedis(redis().port, 'FLUSHALL')).toBe('+OK');
      return answers;
    });
    expect(held.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    const hashes = held.map(stateHash);
    expect(await countEvents(sql, hashes)).toEqual({ holds: bodies.length, events: 0 });
    await stack.start('billing', 'billing');
    await untilSettled(hashes);
    await stack.start('signer', 'signer-2');
  });

  it('the chain does not answer: chain_stale after its age, and the signer still says who it is', async () => {
    const url = await stack.start('signer', 'signer-of-chain', {
      CHAIN_MAX_AGE_MS: '1000',
      CHAIN_POLL_MS: '200',
    });
    await untilPaid(url, newPaymentSession()());
    stack.evm.pause();
    const stale = await waitFor(
      async () => {
        const answer = await pay(url, token, newPaymentSession()());
        return answer.status === 200 ? undefined : answer;
      },
      { what: 'chain_stale', timeoutMs: 30_000, intervalMs: 200 },
    );
    expect(stale).toMatchObject({ status: 503, json: { error: { code: 'chain_stale' } } });
    const headers = { Authorization: `Bearer ${token}` };
    const info = await fetch(`${url}/sign-orchestrator-info`, { method: 'POST', headers });
    expect(info.status).toBe(200);
    expect(await info.json()).toMatchObject({ address: expect.stringMatching(/^0x/) });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    stack.evm.resume();
    await untilPaid(url, newPaymentSession()());
  });

  it('in the end nothing is held, and the balance is what was given minus what was used', async () => {
    const books = await waitFor(
      async () => {
        const read = await readBooks(stack.database.superuserUrl);
        return read.openHolds === 0 ? read : undefined;
      },
      { what: 'no open hold', timeoutMs: 60_000 },
    );
    expect(books.held).toBe(0n);
    expect(books.sums.every((sum) => sum === 0n)).toBe(true);
    expect(books.rollupDifferenceWei).toBe(0n);
    const [row] = await sql<{ posted: string; charged: string }[]>`
      select b.posted::text as posted, (select sum(charge_micros)::text
        from billing.usage_events e where e.account_id = b.account_id) as charged
      from billing.balances b join billing.accounts a on a.id = b.account_id
      where a.app_id = ${app.appId} and a.kind = 'prepaid' and b.currency = 'USD'`;
    expect(BigInt(row?.posted ?? '0')).toBe(CREDIT_MICROS - BigInt(row?.charged ?? '0'));
  });
});
