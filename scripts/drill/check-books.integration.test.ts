import { randomBytes, randomUUID } from 'node:crypto';
import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { createTestDatabase } from '@clearinghouse/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBooks, type Opening } from './check-books.ts';
import { type AnswerBook, keepAnswers } from './keep-answers.ts';

type TestDatabase = Awaited<ReturnType<typeof createTestDatabase>>;
type Row = Readonly<Record<string, string | number>>;

const hex = (bytes: number) => `\\x${randomBytes(bytes).toString('hex')}`;

describe('the rules of a drill', () => {
  let database: TestDatabase;
  let sql: Sql;
  let accountId: string;
  let answers: AnswerBook;
  let opening: Opening;
  beforeEach(async () => {
    database = await createTestDatabase();
    sql = connectSuperuser(database.superuserUrl);
    const [account] = await sql<{ id: bigint }[]>`
      insert into billing.accounts (name, kind, app_id)
      values ('customer:app_1:prepaid', 'prepaid', 'app_1') returning id`;
    accountId = String(account?.id);
    await sql`insert into billing.balances (account_id, currency, posted)
      values (${accountId}, 'USD', 1000)`;
    answers = keepAnswers();
    opening = { appId: 'app_1', postedMicros: 1_000n };
  });
  afterEach(async () => {
    await sql.end({ timeout: 5 });
    await database.drop();
  });

  const broken = async () => {
    const checks = await checkBooks(sql, { answers, openings: [opening] });
    return checks.filter(({ holds }) => !holds).map(({ name }) => name);
  };

  /** A hold in any state, written past the service. */
  const addHold = async (row: Row) => {
    const zeros = Object.fromEntries(
      [
        ...['fork_no', 'ask_no', 'seq', 'fee_wei', 'ticket_ev_wei', 'session_credit_wei'],
        ...['face_value_wei', 'win_prob', 'fx_id', 'markup_bps', 'charge_exact', 'units'],
        ...['charge_hold_micros', 'billable_ms', 'price_per_unit', 'pixels_per_unit', 'now_ns'],
        ...['creation_round', 'initial_price_per_unit', 'initial_pixels_per_unit', 'replays'],
      ].map((name) => [name, 0]),
    );
    const texts = Object.fromEntries(
      [
        ...['replica_id', 'app_id', 'subject', 'attribution', 'orch_url', 'job_type'],
        ...['pipeline', 'model', 'manifest_id', 'new_balance'],
      ].map((name) => [name, 'x']),
    );
    const hold = {
      ...zeros,
      ...texts,
      id: randomUUID(),
      account_id: accountId,
      state: 1,
      created_at: '2026-01-01',
      expires_at: '2026-01-01',
      state_id: randomUUID(),
      nonce_from: 1,
      nonce_to: 1,
      sender: '\\x01',
      request_hash: hex(32),
      recipient_rand_hash: hex(32),
      orch_address: hex(20),
      creation_block_hash: hex(32),
      new_state_hash: hex(32),
      payment_hash: hex(32),
      ...row,
    };
    await sql`insert into billing.holds
      select (jsonb_populate_record(null::billing.holds, ${JSON.stringify(hold)}::text::jsonb)).*`;
  };

  it('hold for books with nothing in them', async () => {
    expect(await broken()).toEqual([]);
  });

  it('see a payment that a client has and nobody was charged for', async () => {
    const state = { State: Buffer.from('state').toString('base64'), Sig: '' };
    answers.note({ status: 200, body: JSON.stringify({ state }) });
    expect(await broken()).toEqual(['payments received with one event each']);
  });

  it('see a hold that was never closed, and its money', async () => {
    await addHold({ state: 0 });
    await sql`update billing.balances set held = 5`;
    expect(await broken()).toEqual(['holds open or disputed', 'micro-USD still held']);
  });

  it('see a settled hold without an event', async () => {
    await addHold({});
    expect(await broken()).toEqual(['settled holds without exactly one event']);
  });

  it('see tickets signed twice with one nonce', async () => {
    const rand = hex(32);
    await addHold({ recipient_rand_hash: rand, nonce_from: 1, nonce_to: 10 });
    await addHold({ recipient_rand_hash: rand, nonce_from: 2, nonce_to: 3 });
    await addHold({ recipient_rand_hash: rand, nonce_from: 10, nonce_to: 11 });
    await addHold({ recipient_rand_hash: rand, nonce_from: 12, nonce_to: 12 });
    const checks = await checkBooks(sql, { answers, openings: [] });
    const overlaps = checks.find(({ name }) => name === 'overlapping nonces of one recipient');
    expect(overlaps).toMatchObject({ actual: '2', holds: false });
  });

  it('see a balance that changed without a charge', async () => {
    await sql`update billing.balances set posted = 999`;
    expect(await broken()).toEqual(['balance of app_1 is opening - charges']);
  });

  it('see an alarm, other bytes for one payment, and an answer nothing explains', async () => {
    await sql`insert into billing.alarms (kind, subject, detail)
      values ('settle_mismatch', 'x', '{}')`;
    answers.note({ status: 500, body: 'why' });
    expect(await broken()).toEqual(['alarms about settlements', 'answers nothing explains']);
  });
});
