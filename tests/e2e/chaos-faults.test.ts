import { readdirSync } from 'node:fs';
import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBooks, type Opening } from '../../scripts/drill/check-books.ts';
import { keepAnswers } from '../../scripts/drill/keep-answers.ts';
import { proveBooks } from '../../scripts/drill/prove-books.ts';
import { waitQuiet } from '../../scripts/drill/wait-quiet.ts';
import { mountSmallDisk, type SmallDisk } from './fixture/mount-small-disk.ts';
import { openApp } from './fixture/open-app.ts';
import { newPaymentSession, pay } from './fixture/pay.ts';
import { untilReady } from './fixture/start-armed.ts';
import { type LyingNode, startLyingNode } from './fixture/start-lying-node.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

const CREDIT_MICROS = 10_000_000n;
const DISK_KIB = 2_048;
/** The state of a hold that was given back. */
const RELEASED = 2;
const QUIET_MS_MAX = 60_000;

const INTERVALS = {
  billing: { HOLD_TTL_MS: '12000', SWEEP_INTERVAL_MS: '500', REPLICA_SILENT_AFTER_MS: '5000' },
  signer: { JOURNAL_ADOPT_AFTER_MS: '3000', CHAIN_POLL_MS: '200' },
};

/** Redis, billing, auth, database and a silent node that are away: see `faults.test.ts`. */
describe('something lies, or is full', () => {
  let stack: TestStack;
  let sql: Sql;
  let token: string;
  let opening: Opening;
  let node: LyingNode;
  let disk: SmallDisk;
  const answers = keepAnswers();

  beforeAll(async () => {
    disk = mountSmallDisk(DISK_KIB);
    stack = await startTestStack({ extra: INTERVALS });
    node = await startLyingNode(stack.rpcUrl);
    sql = connectSuperuser(stack.database.superuserUrl);
    const app = await openApp(stack, CREDIT_MICROS);
    opening = { appId: app.appId, postedMicros: CREDIT_MICROS };
    token = await app.machineToken();
  });
  afterAll(async () => {
    await sql?.end({ timeout: 5 });
    await stack?.stop();
    await node?.stop();
    disk?.remove();
  });

  const send = async (url: string, body = newPaymentSession()()) => {
    const answer = await pay(url, token, body);
    answers.note({ status: answer.status, body: answer.text });
    return answer;
  };
  const until = (url: string, status: number, body?: string) =>
    waitFor(
      async () => {
        const answer = await send(url, body);
        return answer.status === status ? answer : undefined;
      },
      { what: `an answer ${status}`, timeoutMs: 30_000, intervalMs: 100 },
    );
  const statesOfHolds = async () => {
    const rows = await sql<{ state: number }[]>`
      select state from billing.holds where app_id = ${opening.appId}`;
    return rows.map(({ state }) => state);
  };
  const countReleased = async () =>
    (await statesOfHolds()).filter((state) => state === RELEASED).length;

  it('a node that names an old block: nothing is paid by it, chain_stale after the age', async () => {
    const url = await stack.start('signer', 'signer-of-liar', {
      ETH_RPC_URL: node.url,
      CHAIN_MAX_AGE_MS: '2000',
      CHAIN_WATCH: '0',
    });
    await untilReady(url);
    await until(url, 200);
    await node.remember();
    await stack.evm.call('evm_increaseTime', [60]);
    await stack.evm.mine(50);
    const polled = node.truths();
    await waitFor(() => node.truths() > polled + 1, { what: 'the new block to be read' });
    node.lie();
    const stale = await until(url, 503);
    expect(stale.json.error?.code).toBe('chain_stale');
    expect(node.lies()).toBeGreaterThan(1);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    node.tellTheTruth();
    await until(url, 200);
  });

  it('the disk of the journal is full: 503, no ticket leaves, and the money comes back', async () => {
    const url = await stack.start('signer', 'signer-of-small-disk', { JOURNAL_DIR: disk.folder });
    await untilReady(url);
    await until(url, 200);
    expect(await countReleased()).toBe(0);
    disk.fill();
    // What still fits into the last page of the file may pass.
    const refused = await until(url, 503);
    expect(refused.json.error?.code).toBe('unavailable');
    expect(refused.json.payment).toBeUndefined();
    // Its money was held before the disk was known to be full, and need not wait for its time.
    await waitFor(async () => (await countReleased()) === 1, { what: 'the money back' });
    // Now it is known: no money is held for what cannot be kept.
    const holds = (await statesOfHolds()).length;
    const bodies = Array.from({ length: 4 }, () => newPaymentSession()());
    const more = await Promise.all(bodies.map((body) => send(url, body)));
    expect(more.map(({ status }) => status)).toEqual(bodies.map(() => 503));
    expect((await statesOfHolds()).length).toBe(holds);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    disk.makeRoom();
    for (const body of bodies) await until(url, 200, body);
    expect(readdirSync(disk.folder)).not.toContain('unresolved');
  });

  it('journal, holds, events, ledger and every answer agree', async () => {
    await waitQuiet(sql, QUIET_MS_MAX);
    const checks = await checkBooks(sql, { answers, openings: [opening] });
    expect(checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(await proveBooks(stack.database.url('billing_app'))).toMatchObject({ code: 0 });
  });
});
