import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { isWatched, runStage, STAGES, type StageEvent } from './stages.ts';

const stage = STAGES['signer.sign'];
const told: { at: string; event: StageEvent; result: unknown; error: unknown }[] = [];
const listener = (at: string) => (message: unknown) => {
  const event = message as StageEvent;
  told.push({ at, event, result: event.result, error: event.error });
};
const onStart = listener('start');
const onEnd = listener('end');

function listen(): void {
  channel('clearinghouse.signer.sign.start').subscribe(onStart);
  channel('clearinghouse.signer.sign.end').subscribe(onEnd);
}

afterEach(() => {
  channel('clearinghouse.signer.sign.start').unsubscribe(onStart);
  channel('clearinghouse.signer.sign.end').unsubscribe(onEnd);
  told.length = 0;
});

describe('a stage that nobody listens to', () => {
  it('only runs its work, and puts nothing together', async () => {
    expect(isWatched(stage)).toBe(false);
    const work = Promise.resolve(1);
    const about = () => {
      throw new Error('nobody asked');
    };
    expect(runStage(stage, () => work, about)).toBe(work);
    expect(runStage(stage, () => 2, about)).toBe(2);
  });
});

describe('a stage that somebody listens to', () => {
  it('tells its start and its end with one and the same event', () => {
    listen();
    const result = runStage(
      stage,
      () => {
        expect(told.map(({ at }) => at)).toEqual(['start']);
        return 'done';
      },
      () => ({ notes: { items: 3 } }),
    );
    expect(result).toBe('done');
    expect(told.map(({ at, result: told }) => [at, told])).toEqual([
      ['start', undefined],
      ['end', 'done'],
    ]);
    expect(told[0]?.event).toBe(told[1]?.event);
    expect(told[0]?.event).toMatchObject({ stage: 'signer.sign', notes: { items: 3 } });
  });

  it('ends when the work really ends', async () => {
    listen();
    const { promise, resolve } = Promise.withResolvers<number>();
    const running = runStage(stage, () => promise);
    expect(told.map(({ at }) => at)).toEqual(['start']);
    resolve(7);
    expect(await running).toBe(7);
    expect(told.map(({ at }) => at)).toEqual(['start', 'end']);
  });

  it('passes a fault on, thrown or rejected', async () => {
    listen();
    const fault = new Error('of the work');
    expect(() =>
      runStage(stage, () => {
        throw fault;
      }),
    ).toThrow(fault);
    await expect(runStage(stage, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(told.filter(({ at }) => at === 'end').map(({ error }) => error)).toEqual([fault, fault]);
  });
});
