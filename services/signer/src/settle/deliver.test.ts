import { type AskRefusal, type Outcome, ok, refused } from '@clearinghouse/shared';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDelivery, type Delivery } from './deliver.ts';

type Reply = Outcome<readonly string[], AskRefusal>;

let sent: number[][];
let reply: (items: readonly number[]) => Reply | Promise<Reply>;
let results: [number, string][];
let failures: [AskRefusal, number][];
let delivery: Delivery<number>;

const yes = (items: readonly number[]): Reply => ok(items.map((item) => `done ${item}`));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  sent = [];
  results = [];
  failures = [];
  reply = yes;
  delivery = createDelivery<number, string>({
    itemsMax: 4,
    inFlightMax: 2,
    afterMs: 5,
    send: async (items) => {
      sent.push([...items]);
      return reply(items);
    },
    onResult: (item, result) => results.push([item, result]),
    onFailure: (code, attempt) => failures.push([code, attempt]),
  });
});
afterEach(() => {
  delivery.stop();
  vi.useRealTimers();
});

const push = (...items: number[]) => {
  for (const item of items) delivery.push(item);
};

describe('items travel', () => {
  test('together, after a short wait for company', async () => {
    push(1, 2);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(5);
    expect(sent).toEqual([[1, 2]]);
    expect(results).toEqual([
      [1, 'done 1'],
      [2, 'done 2'],
    ]);
    expect(delivery.pending()).toBe(0);
  });

  test('at once when there are enough', async () => {
    push(1, 2, 3, 4);
    expect(sent).toEqual([[1, 2, 3, 4]]);
  });

  test('in no more messages at a time than allowed', async () => {
    reply = () => new Promise(() => undefined);
    push(...Array.from({ length: 40 }, (_, index) => index));
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toHaveLength(2);
  });
});

describe('items without an answer', () => {
  test.each(['hold_timeout', 'unavailable'] as const)('%s: again, for ever', async (code) => {
    let tries = 0;
    reply = (items) => {
      tries += 1;
      return tries <= 12 ? refused(code) : yes(items);
    };
    push(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(results).toEqual([[1, 'done 1']]);
    expect(failures.map(([, attempt]) => attempt)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  test('after pauses that grow to five seconds and no further', async () => {
    reply = () => refused('unavailable');
    push(1);
    await vi.advanceTimersByTimeAsync(5);
    const at: number[] = [];
    for (let ms = 0; ms < 30_000; ms += 50) {
      const before = sent.length;
      await vi.advanceTimersByTimeAsync(50);
      if (sent.length > before) at.push(ms + 50);
    }
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    expect(pauses.slice(0, 6)).toEqual([200, 400, 800, 1600, 3200, 5000]);
    expect(pauses.slice(6).every((pause) => pause === 5000)).toBe(true);
  });

  test('a wrong number of answers is none', async () => {
    let tries = 0;
    reply = (items) => {
      tries += 1;
      return tries === 1 ? ok(['one']) : yes(items);
    };
    push(1, 2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(failures).toEqual([['bad_envelope', 1]]);
    expect(results.map(([item]) => item).sort()).toEqual([1, 2]);
  });

  test('one that the other side cannot read ends up alone, and holds no other up', async () => {
    reply = (items) => (items.includes(3) ? refused('bad_envelope') : yes(items));
    push(1, 2, 3, 4, 5, 6, 7);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(results.map(([item]) => item).sort()).toEqual([1, 2, 4, 5, 6, 7]);
    expect(sent.at(-1)).toEqual([3]);
    expect(delivery.pending()).toBe(1);
  });
});

describe('stopping', () => {
  test('drains what is under way', async () => {
    push(1, 2);
    const drained = delivery.drain(1_000);
    await vi.advanceTimersByTimeAsync(100);
    expect(await drained).toBe(true);
  });

  test('gives up after its time, and sends nothing more', async () => {
    reply = () => refused('unavailable');
    push(1);
    const drained = delivery.drain(1_000);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await drained).toBe(false);
    delivery.stop();
    const before = sent.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(before);
  });
});
