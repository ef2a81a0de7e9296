import { createLog, ok, refused } from '@clearinghouse/shared';
import { afterEach, expect, test } from 'vitest';
import { createOpenAsks } from '../holds/open-asks.ts';
import { createHoldReleaser, type HoldReleaser } from './release-holds.ts';

const log = createLog({ service: 'test', level: 'silent' });
let releaser: HoldReleaser | undefined;
afterEach(() => releaser?.stop());

test('an ask counts as open until billing has the hold back', async () => {
  const asks = createOpenAsks();
  let tries = 0;
  let sent: unknown;
  releaser = createHoldReleaser({
    asks,
    replicaId: 'signer-1',
    log,
    askRelease: async (body) => {
      tries += 1;
      sent = body;
      if (tries < 3) return refused('unavailable');
      return ok({ results: ['released'] });
    },
  });
  const askNo = asks.open();
  releaser.release({ askNo, holdId: 'h1', reason: 'too_late' });
  await expect.poll(() => tries).toBe(2);
  expect(asks.closedUpTo()).toBe(0);
  await expect.poll(asks.closedUpTo).toBe(1);
  expect(sent).toEqual({
    replicaId: 'signer-1',
    items: [{ holdId: 'h1', reason: 'too_late' }],
  });
});

test.each(['already', 'settled', 'unknown'] as const)('%s ends it as well', async (result) => {
  const asks = createOpenAsks();
  const askRelease = async () => ok({ results: [result] });
  releaser = createHoldReleaser({ asks, replicaId: 'signer-1', log, askRelease });
  releaser.release({ askNo: asks.open(), holdId: 'h1', reason: 'too_late' });
  await expect.poll(asks.size).toBe(0);
});

test('above its bound one is let go at once: it was never signed', () => {
  const asks = createOpenAsks();
  const askRelease = () => new Promise<never>(() => undefined);
  releaser = createHoldReleaser({ asks, replicaId: 'signer-1', log, askRelease });
  for (let count = 0; count < 25_000; count += 1) {
    releaser.release({ askNo: asks.open(), holdId: `h${count}`, reason: 'too_late' });
  }
  expect(asks.size()).toBeLessThanOrEqual(20_500);
  expect(asks.size()).toBeGreaterThan(19_000);
});
