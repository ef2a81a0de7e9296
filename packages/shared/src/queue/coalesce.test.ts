import { describe, expect, it } from 'vitest';
import { createBatcher } from './coalesce.ts';

/** Batches that wait until the test lets them go. */
function gatedSend() {
  const batches: { items: readonly number[]; done: () => void; fail: (error: Error) => void }[] =
    [];
  const send = (items: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      batches.push({
        items,
        done: () => resolve(items.map((item) => `r${item}`)),
        fail: reject,
      });
    });
  return { batches, send };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const base = { maxItems: 3, maxWaitMs: 0, maxInFlight: 1 };

describe('a batcher', () => {
  it('sends a lone item at once', async () => {
    const { batches, send } = gatedSend();
    const result = createBatcher({ ...base, send }).add(1);
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([[1]]);
    batches[0]?.done();
    expect(await result).toBe('r1');
  });

  it('puts items of the same turn into one batch and gives each its own result', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ ...base, send });
    const results = Promise.all([batcher.add(1), batcher.add(2), batcher.add(3)]);
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3]]);
    batches[0]?.done();
    expect(await results).toEqual(['r1', 'r2', 'r3']);
  });

  it('collects while the batches under way are at their maximum, in order of arrival', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ ...base, send });
    const all = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3]]);
    expect(batcher.waiting()).toBe(2);
    batches[0]?.done();
    await turn();
    expect(batches[1]?.items).toEqual([4, 5]);
    batches[1]?.done();
    expect(await Promise.all(all)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('never has more batches under way, nor more items in one, than allowed', async () => {
    let underWay = 0;
    const seen = { batches: 0, items: 0 };
    const batcher = createBatcher<number, number>({
      maxItems: 7,
      maxWaitMs: 0,
      maxInFlight: 2,
      maxWaiting: 500,
      send: async (items) => {
        underWay += 1;
        seen.batches = Math.max(seen.batches, underWay);
        seen.items = Math.max(seen.items, items.length);
        await turn();
        underWay -= 1;
        return items;
      },
    });
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    expect(await Promise.all(numbers.map((n) => batcher.add(n)))).toEqual(numbers);
    expect(seen).toEqual({ batches: 2, items: 7 });
  });

  it('holds a second, unfilled batch back for company until it is full', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ maxItems: 2, maxWaitMs: 60_000, maxInFlight: 2, send });
    const first = batcher.add(1);
    await turn();
    const rest = [batcher.add(2)];
    await turn();
    expect(batches).toHaveLength(1);
    rest.push(batcher.add(3));
    await turn();
    expect(batches[1]?.items).toEqual([2, 3]);
    for (const batch of batches) batch.done();
    expect(await Promise.all([first, ...rest])).toEqual(['r1', 'r2', 'r3']);
  });

  it('sends the unfilled batch when the one under way is done', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ maxItems: 9, maxWaitMs: 60_000, maxInFlight: 2, send });
    const first = batcher.add(1);
    await turn();
    const second = batcher.add(2);
    batches[0]?.done();
    await turn();
    expect(batches[1]?.items).toEqual([2]);
    batches[1]?.done();
    expect(await Promise.all([first, second])).toEqual(['r1', 'r2']);
  });

  it('holds the unfilled batch back while another is still under way', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ maxItems: 2, maxWaitMs: 60_000, maxInFlight: 2, send });
    const results = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    batches[0]?.done();
    await turn();
    expect(batches).toHaveLength(2);
    batches[1]?.done();
    await turn();
    expect(batches[2]?.items).toEqual([5]);
    batches[2]?.done();
    expect(await Promise.all(results)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('sends what collected while one batch hangs, after the wait', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ maxItems: 2, maxWaitMs: 1, maxInFlight: 2, send });
    const results = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
    await turn();
    batches[0]?.done();
    await expect.poll(() => batches[2]?.items).toEqual([5]);
    for (const batch of batches) batch.done();
    expect(await Promise.all(results)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('sends the unfilled batch when its wait is over', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ maxItems: 9, maxWaitMs: 1, maxInFlight: 2, send });
    void batcher.add(1);
    await turn();
    void batcher.add(2);
    await expect.poll(() => batches[1]?.items).toEqual([2]);
  });

  it('fails the items of a failing batch and no others', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ ...base, maxItems: 2, send });
    const results = Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    await turn();
    batches[0]?.fail(new Error('down'));
    await turn();
    batches[1]?.done();
    expect((await results).map((result) => result.status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
    ]);
  });

  it('fails a batch whose results do not match its items in number', async () => {
    const batcher = createBatcher<number, number>({ ...base, send: async () => [1] });
    const results = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  });

  it('goes on after a send that throws at once', async () => {
    let calls = 0;
    const batcher = createBatcher<number, number>({
      ...base,
      send: (items) => {
        calls += 1;
        if (calls === 1) throw new Error('at once');
        return Promise.resolve(items);
      },
    });
    await expect(batcher.add(1)).rejects.toThrow('at once');
    expect(await batcher.add(2)).toBe(2);
  });

  it('refuses with `unavailable` what goes beyond the bound of waiting items', async () => {
    const { send } = gatedSend();
    const batcher = createBatcher({ ...base, maxItems: 1, maxWaiting: 2, send });
    void batcher.add(1);
    await turn();
    void batcher.add(2);
    void batcher.add(3);
    await expect(batcher.add(4)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('finishes on close what it took, and takes no more', async () => {
    const { batches, send } = gatedSend();
    const batcher = createBatcher({ ...base, maxItems: 1, send });
    const taken = [batcher.add(1), batcher.add(2)];
    const closed = batcher.close();
    await expect(batcher.add(3)).rejects.toMatchObject({ code: 'unavailable' });
    await turn();
    batches[0]?.done();
    await turn();
    batches[1]?.done();
    await closed;
    expect(await Promise.all(taken)).toEqual(['r1', 'r2']);
  });

  it('closes at once when idle', async () => {
    await createBatcher({ ...base, ...gatedSend() }).close();
  });
});
