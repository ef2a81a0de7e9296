import { describe, expect, it } from 'vitest';
import { oneAfterAnother } from './one-after-another.ts';

describe('work one after another', () => {
  it('what is asked for last ends with what is newest, however long the first takes', async () => {
    let rows = 'old';
    let kept = '';
    const waits: (() => void)[] = [];
    const reload = oneAfterAnother(async () => {
      const read = rows;
      await new Promise<void>((resolve) => waits.push(resolve));
      kept = read;
    });
    const turns = async (count: number) => {
      while (waits.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    const first = reload();
    await turns(1);
    rows = 'new';
    const second = reload();
    waits[0]?.();
    await first;
    await turns(2);
    waits[1]?.();
    await second;
    expect(kept).toBe('new');
  });

  it('a run that fails is told to whoever asked, and the next one runs', async () => {
    let runs = 0;
    const reload = oneAfterAnother(async () => {
      runs += 1;
      if (runs === 1) throw new Error('the database is away');
    });
    const [one, two] = await Promise.allSettled([reload(), reload()]);
    expect([one.status, two.status]).toEqual(['rejected', 'fulfilled']);
  });
});
