import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { waitFor } from '@clearinghouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBooks, type Opening } from '../../scripts/drill/check-books.ts';
import { keepAnswers } from '../../scripts/drill/keep-answers.ts';
import { proveBooks } from '../../scripts/drill/prove-books.ts';
import { waitQuiet } from '../../scripts/drill/wait-quiet.ts';
import { countEvents } from './fixture/count-events.ts';
import {
  HOLD_POINTS,
  type KillPoint,
  type Left,
  SETTLE_POINTS,
  SIGNER_POINTS,
} from './fixture/kill-points.ts';
import { openApp, type TestApp } from './fixture/open-app.ts';
import { newPaymentSession, type PaidAnswer } from './fixture/pay.ts';
import { startArmed, untilReady } from './fixture/start-armed.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';
import { stateHash } from './fixture/state-hash.ts';
import { takeTurns } from './fixture/take-turns.ts';
import { payAtLast, type Tried, tryToPay } from './fixture/try-to-pay.ts';

const CREDIT_MICROS = 1_000_000n;
const KILLED = { code: null, signal: 'SIGKILL' };
const QUIET_MS_MAX = 90_000;

const INTERVALS = {
  billing: { HOLD_TTL_MS: '12000', SWEEP_INTERVAL_MS: '500', REPLICA_SILENT_AFTER_MS: '5000' },
  signer: { JOURNAL_ADOPT_AFTER_MS: '3000', CHAIN_POLL_MS: '500' },
};

/** States of holds: settled; released, expired. */
const STATES: Readonly<Record<Left, readonly (readonly number[])[]>> = {
  nothing: [[]],
  'given back': [[2], [3]],
  charged: [[1]],
};

/** Points tried at the same time: three processes each. */
const AT_ONCE = 3;

type Payer = { readonly appId: string; readonly token: string };

describe('kill -9 between each two steps of a payment', () => {
  let stack: TestStack;
  let sql: Sql;
  const answers = keepAnswers();
  const openings: Opening[] = [];
  const apps: TestApp[] = [];
  const paidOnce: { readonly payer: Payer; readonly paid: PaidAnswer }[] = [];
  /** Payers who never asked again, and what must be left of their one payment. */
  const silent: { readonly name: string; readonly appId: string; readonly left: Left }[] = [];

  beforeAll(async () => {
    stack = await startTestStack({ extra: INTERVALS });
    sql = connectSuperuser(stack.database.superuserUrl);
    // While billing is there to take their money.
    const needed = SETTLE_POINTS.length + 2 * HOLD_POINTS.length + 2 * SIGNER_POINTS.length;
    for (let count = 0; count < needed; count += 1) apps.push(await openApp(stack, CREDIT_MICROS));
    for (const { appId } of apps) openings.push({ appId, postedMicros: CREDIT_MICROS });
  });
  afterAll(async () => {
    await sql?.end({ timeout: 5 });
    await stack?.stop();
  });

  const nextPayer = async (): Promise<Payer> => {
    const app = apps.pop();
    if (app === undefined) throw new Error('no app is left');
    return { appId: app.appId, token: await app.machineToken() };
  };
  const putAway = async (name: string) => {
    if (stack.processes.get(name)?.hasExited() === false) await stack.kill(name);
  };
  const note = (tried: Tried) =>
    answers.note(tried === 'lost' ? 'lost' : { status: tried.status, body: tried.text });
  const attempt = async (url: string, payer: Payer, body: string) => {
    const tried = await tryToPay(url, payer.token, body);
    note(tried);
    return tried;
  };
  const retry = async (url: string, payer: Payer, body: string) => {
    const paid = await payAtLast(url, payer.token, body);
    note(paid);
    return paid;
  };
  const untilSettled = (paid: PaidAnswer) =>
    waitFor(async () => (await countEvents(sql, [stateHash(paid)])).events === 1, {
      what: 'the event',
      timeoutMs: 60_000,
    });
  const holdsOf = async ({ appId }: Payer) => {
    const rows = await sql<{ state: number }[]>`
      select state from billing.holds where app_id = ${appId}`;
    return rows.map(({ state }) => state);
  };

  describe('billing', () => {
    it.each(SETTLE_POINTS)(
      'settlement, $name: the answer is out, and billing posts it once when it is back',
      async ({ killAt }) => {
        // Each has a signer of its own, which dies before it can ask again.
        const name = `signer-${killAt}`.replaceAll('.', '-');
        const [signerUrl, payer] = await Promise.all([
          stack.start('signer', name, { JOURNAL_DIR: folderOf(name) }),
          nextPayer(),
          putAway('billing'),
        ]);
        const armed = await startArmed(stack, { kind: 'billing', name: 'billing', killAt });
        await untilReady(signerUrl);
        const body = newPaymentSession()();
        const first = await attempt(signerUrl, payer, body);
        expect(first).toMatchObject({ status: 200 });
        expect(await armed.untilDead()).toMatchObject(KILLED);
        await stack.start('billing', 'billing');
        const again = await retry(signerUrl, payer, body);
        expect(again.text).toBe(first === 'lost' ? '' : first.text);
        paidOnce.push({ payer, paid: again });
        await stack.kill(name);
      },
    );

    it.each(HOLD_POINTS)(
      'hold, $name: 503 and no ticket; asked again it is paid once',
      async ({ killAt }) => {
        const [payer, gone] = await Promise.all([nextPayer(), nextPayer(), putAway('billing')]);
        const armed = await startArmed(stack, { kind: 'billing', name: 'billing', killAt });
        const [body, other] = [newPaymentSession()(), newPaymentSession()()];
        const refused = await Promise.all([
          attempt(stack.signerUrl, payer, body),
          attempt(stack.signerUrl, gone, other),
        ]);
        for (const answer of refused) {
          expect(answer).toMatchObject({ status: 503, json: { error: {} } });
          expect(answer).not.toHaveProperty('json.payment');
        }
        expect(await armed.untilDead()).toMatchObject(KILLED);
        await stack.start('billing', 'billing');
        paidOnce.push({ payer, paid: await retry(stack.signerUrl, payer, body) });
      },
    );

    it('all of that is settled once, by whoever finds the journals', async () => {
      const dead = [...stack.processes.keys()].filter((name) => name.startsWith('signer-'));
      const heirs = dead.map((name) => `heir-${name}`);
      await Promise.all(
        dead.map((name, index) =>
          stack.start('signer', heirs[index] ?? '', { JOURNAL_DIR: folderOf(name) }),
        ),
      );
      for (const { payer, paid } of paidOnce) {
        await untilSettled(paid);
        expect(await holdsOf(payer)).toEqual([1]);
      }
      expect(paidOnce.length).toBe(SETTLE_POINTS.length + HOLD_POINTS.length);
      await Promise.all(heirs.map(putAway));
    });
  });

  describe('signer', () => {
    const inTurn = takeTurns(AT_ONCE);
    it.concurrent.each(SIGNER_POINTS)(
      '$name: asked again it is paid once; not asked again: $left',
      (point) => inTurn(() => dieAndInherit(point)),
      300_000,
    );
  });

  const dieAndInherit = async ({ name, killAt, left }: KillPoint) => {
    const id = killAt.replaceAll(/[. ]/g, '-');
    const journal = { JOURNAL_DIR: folderOf(id) };
    const arm = (suffix: string) =>
      startArmed(stack, { kind: 'signer', name: `armed-${suffix}-${id}`, killAt, extra: journal });
    const [payer, gone, one, two] = await Promise.all([
      nextPayer(),
      nextPayer(),
      arm('a'),
      arm('b'),
    ]);
    const [body, other] = [newPaymentSession()(), newPaymentSession()()];
    const [first] = await Promise.all([
      attempt(one.url, payer, body),
      attempt(two.url, gone, other),
    ]);
    for (const { untilDead } of [one, two]) expect(await untilDead()).toMatchObject(KILLED);
    silent.push({ name, appId: gone.appId, left });
    // Another one over the same journals: it answers the same request, and settles the rest.
    const heir = await stack.start('signer', `heir-${id}`, journal);
    await untilReady(heir);
    const paid = await retry(heir, payer, body);
    if (first !== 'lost') expect(first.text).toBe(paid.text);
    await untilSettled(paid);
    expect(await holdsOf(payer)).toEqual([1]);
    await waitFor(() => !hasRecords(journal.JOURNAL_DIR), {
      what: 'the journals of the dead to be settled',
      timeoutMs: 60_000,
    });
    await stack.kill(`heir-${id}`);
  };

  describe('afterwards', () => {
    it('what was never asked for again is charged where it was signed, else given back', async () => {
      await waitQuiet(sql, QUIET_MS_MAX);
      const found = await Promise.all(
        silent.map(async ({ name, appId, left }) => ({
          name,
          left,
          states: await holdsOf({ appId, token: '' }),
        })),
      );
      expect(found.length).toBe(SIGNER_POINTS.length);
      const wrong = found.filter(
        ({ left, states }) => !STATES[left].some((one) => String(one) === String(states)),
      );
      expect(wrong).toEqual([]);
    }, 120_000);

    it('journal, holds, events, ledger and every answer agree, by all rules of the drill', async () => {
      const checks = await checkBooks(sql, { answers, openings });
      expect(checks.filter(({ holds }) => !holds)).toEqual([]);
      expect(await proveBooks(stack.database.url('billing_app'))).toMatchObject({ code: 0 });
      for (const { killAt } of SIGNER_POINTS) {
        const folder = folderOf(killAt.replaceAll(/[. ]/g, '-'));
        expect(existsSync(join(folder, 'unresolved'))).toBe(false);
      }
    }, 60_000);
  });

  function folderOf(name: string): string {
    const folder = join(stack.dataDir, 'journals', name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
});

/** Folders of dead processes go when all in them is settled; the heir's own is one. */
function hasRecords(journalDir: string): boolean {
  return readdirSync(journalDir).filter((name) => name.startsWith('armed')).length > 0;
}
