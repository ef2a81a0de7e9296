import { describe, expect, it } from 'vitest';
import { limitConcurrency } from './limit-concurrency.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('limited concurrency', () => {
  it('runs at most so many at once, in order, and all of them', async () => {
    const limited = limitConcurrency(3);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const run = (n: number) =>
      limited(async () => {
        started.push(n);
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        return n;
      });
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    expect(await Promise.all(numbers.map(run))).toEqual(numbers);
    expect(most).toBe(3);
    expect(started).toEqual(numbers);
  });

  it('gives the slot of one that fails to the next', async () => {
    const limited = limitConcurrency(1);
    const failed = limited(() => Promise.reject(new Error('no')));
    const next = limited(async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
