import {
  type AskRefusal,
  type HoldAnswer,
  type HoldItemWire,
  type Outcome,
  ok,
  refused,
} from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import { RUNTIME_LIMITS } from '../limits.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { createHoldAsker, type HoldAsker } from './ask-hold.ts';

type Sent = { replicaId: string; items: HoldItemWire[] };
type Reply = Outcome<{ answers: HoldAnswer[] }, AskRefusal>;

const item = (askNo: number) => ({ askNo }) as HoldItemWire;
const refusal = (code: 'app_cap' | 'user_cap'): HoldAnswer => ({ ok: false, code });

let sent: Sent[];
let replies: ((reply: Reply) => void)[];
let clock: ManualClock;
let asker: HoldAsker;

beforeEach(() => {
  sent = [];
  replies = [];
  clock = createManualClock();
  asker = createHoldAsker({
    clock,
    replicaId: 'signer-1',
    askHolds: (body) => {
      sent.push(body as Sent);
      return new Promise((resolve) => replies.push(resolve));
    },
  });
});

describe('asks for money', () => {
  test('travel together, each with its own answer', async () => {
    const asks = [1, 2, 3].map((no) => asker.ask(item(no)));
    await Promise.resolve();
    expect(sent).toEqual([{ replicaId: 'signer-1', items: [item(1), item(2), item(3)] }]);
    replies[0]?.(ok({ answers: [refusal('app_cap'), refusal('user_cap'), refusal('app_cap')] }));
    const codes = (await Promise.all(asks)).map((reply) => !reply.ok && reply.code);
    expect(codes).toEqual(['app_cap', 'user_cap', 'app_cap']);
  });

  test.each(['hold_timeout', 'unavailable', 'bad_envelope'] as const)(
    '%s for all',
    async (code) => {
      const asks = [asker.ask(item(1)), asker.ask(item(2))];
      await Promise.resolve();
      replies[0]?.(refused(code));
      expect(await Promise.all(asks)).toEqual([
        { ok: false, code },
        { ok: false, code },
      ]);
    },
  );

  test.each([0, 1, 3])('%d answers for two asks are none', async (count) => {
    const asks = [asker.ask(item(1)), asker.ask(item(2))];
    await Promise.resolve();
    replies[0]?.(ok({ answers: Array(count).fill(refusal('app_cap')) }));
    const bad = { ok: false, code: 'bad_envelope' };
    expect(await Promise.all(asks)).toEqual([bad, bad]);
  });

  /** Messages under way, as many as may be; nobody answers them. */
  const hang = async () => {
    const hanging = [asker.ask(item(1))];
    await expect.poll(() => sent.length).toBe(1);
    hanging.push(asker.ask(item(2)));
    await expect.poll(() => sent.length).toBe(2);
    return hanging;
  };
  const sentNos = () => sent.flatMap(({ items }) => items).map(({ askNo }) => askNo);

  test('that waited too long for a place are not sent', async () => {
    const hanging = await hang();
    const late = asker.ask(item(99));
    await Promise.resolve();
    clock.advance(RUNTIME_LIMITS.holdWaitMs);
    for (const reply of replies) reply(refused('unavailable'));
    expect(await late).toEqual({ ok: false, code: 'hold_timeout' });
    expect(sentNos()).toEqual([1, 2]);
    await Promise.all(hanging);
  });

  test('that waited a little less are', async () => {
    const hanging = await hang();
    const soon = asker.ask(item(99));
    await Promise.resolve();
    clock.advance(RUNTIME_LIMITS.holdWaitMs - 1);
    for (const reply of replies) reply(refused('unavailable'));
    await expect.poll(sentNos).toEqual([1, 2, 99]);
    replies[2]?.(ok({ answers: [refusal('app_cap')] }));
    expect(await soon).toEqual({ ok: false, code: 'app_cap' });
    await Promise.all(hanging);
  });

  test('are over before a client gives up: the Python gateway waits for five seconds', () => {
    const { holdWaitMs, holdTimeoutMs } = RUNTIME_LIMITS;
    expect(holdWaitMs + holdTimeoutMs).toBeLessThan(5_000);
  });

  test('after closing are refused', async () => {
    await asker.close();
    expect(await asker.ask(item(1))).toEqual({ ok: false, code: 'unavailable' });
  });
});
