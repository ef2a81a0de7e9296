import { randomBytes } from 'node:crypto';
import { connectSuperuser } from '@clearinghouse/embedded';
import type { Sql } from '@clearinghouse/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type TestApp } from './fixture/open-app.ts';
import {
  FEE_UNITS,
  newOrchestratorInfo,
  type PaidAnswer,
  pay,
  paymentBody,
} from './fixture/pay.ts';
import { startTestStack, type TestStack } from './fixture/start-test-stack.ts';

const CALLS = 4;

/** A stream of the Go gateway: refreshes its OrchestratorInfo when it is told 480. */
type Stream = { orchestrator: string; manifestId: string; state: PaidAnswer['json']['state'] };

describe('two streams of one API key on one OrchestratorInfo', () => {
  let stack: TestStack;
  let signers: readonly [string, string];
  let app: TestApp;
  let key: string;
  let sql: Sql;
  beforeAll(async () => {
    stack = await startTestStack();
    signers = [stack.signerUrl, await stack.start('signer', 'signer-2')];
    app = await openApp(stack, 10_000_000n);
    key = (await app.createKey()).key;
    sql = connectSuperuser(stack.database.superuserUrl);
  });
  afterAll(async () => {
    await sql?.end({ timeout: 5 });
    await stack?.stop();
  });

  const ask = (index: number, stream: Stream) =>
    pay(
      signers[index % 2] ?? signers[0],
      key,
      // Streams differ in what they used: one wei tells their requests apart.
      paymentBody({ ...stream, inPixels: FEE_UNITS + BigInt(stream.state ? index : 0) }),
    );

  /** Pays on; a 480 is answered by one refresh, as the gateway does. */
  const payOn = async (index: number, stream: Stream, address: Uint8Array) => {
    let answer = await ask(index, stream);
    const asksForRefresh = answer.status === 480;
    if (asksForRefresh) {
      stream.orchestrator = newOrchestratorInfo({ address });
      answer = await ask(index, stream);
    }
    expect(answer.status, answer.text).toBe(200);
    stream.state = answer.json.state;
    return { answer, asksForRefresh };
  };

  const overlaps = async () => {
    const [row] = await sql<{ n: bigint }[]>`
      select count(*) as n from billing.holds a join billing.holds b
        on a.sender = b.sender and a.recipient_rand_hash = b.recipient_rand_hash and a.id < b.id
        and a.nonce_from <= b.nonce_to and b.nonce_from <= a.nonce_to`;
    return row?.n;
  };

  it('without ManifestID the first calls are one payment, and both sessions pay on', async () => {
    const address = randomBytes(20);
    const orchestrator = newOrchestratorInfo({ address });
    const streams: [Stream, Stream] = [
      { orchestrator, manifestId: '', state: undefined },
      { orchestrator, manifestId: '', state: undefined },
    ];
    const firsts = await Promise.all(streams.map((stream, index) => ask(index, stream)));
    expect(firsts.map(({ status }) => status)).toEqual([200, 200]);
    expect(firsts[0]?.text).toBe(firsts[1]?.text);
    const refreshes: boolean[] = [];
    for (const [index, stream] of streams.entries()) {
      stream.state = firsts[index]?.json.state;
      stream.manifestId = `manifest-${index}`;
    }
    for (let call = 0; call < CALLS; call += 1) {
      const answers = await Promise.all(
        streams.map((stream, index) => payOn(index, stream, address)),
      );
      expect(answers[0]?.answer.json.payment).not.toBe(answers[1]?.answer.json.payment);
      refreshes.push(answers.some(({ asksForRefresh }) => asksForRefresh));
    }
    // They part at the second call: one of them has to take other ticket params.
    expect(refreshes).toEqual([true, false, false, false]);
    expect(await overlaps()).toBe(0n);
  });

  it('with ManifestIDs of their own one is told 480, and pays on after a refresh', async () => {
    const address = randomBytes(20);
    const orchestrator = newOrchestratorInfo({ address });
    const streams: [Stream, Stream] = [
      { orchestrator, manifestId: 'one', state: undefined },
      { orchestrator, manifestId: 'two', state: undefined },
    ];
    const firsts = await Promise.all(streams.map((stream, index) => payOn(index, stream, address)));
    expect(firsts.filter(({ asksForRefresh }) => asksForRefresh)).toHaveLength(1);
    for (let call = 0; call < CALLS; call += 1) {
      const answers = await Promise.all(
        streams.map((stream, index) => payOn(index, stream, address)),
      );
      expect(answers.map(({ asksForRefresh }) => asksForRefresh)).toEqual([false, false]);
    }
    expect(await overlaps()).toBe(0n);
  });

  it('a stream that begins when the session has advanced is told 480', async () => {
    const address = randomBytes(20);
    const orchestrator = newOrchestratorInfo({ address });
    const first: Stream = { orchestrator, manifestId: '', state: undefined };
    await payOn(0, first, address);
    first.manifestId = 'one';
    await payOn(0, first, address);
    const late: Stream = { orchestrator, manifestId: '', state: undefined };
    const refused = await ask(1, late);
    expect(refused).toMatchObject({ status: 480, json: { error: { code: 'replay_stale' } } });
    await payOn(1, late, address);
    await payOn(0, first, address);
    expect(await overlaps()).toBe(0n);
  });
});
