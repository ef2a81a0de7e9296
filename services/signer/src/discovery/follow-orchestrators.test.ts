import { createLog } from '@clearinghouse/shared';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DISCOVERY_LIMITS } from '../limits.ts';
import {
  type FollowDeps,
  followOrchestrators,
  type Orchestrators,
} from './follow-orchestrators.ts';
import type { Entry } from './look-around.ts';

const GOOD: Entry = { uri: 'https://good.example', capabilities: ['llm/a'], json: '{"good":1}' };
const OTHER: Entry = { uri: 'https://other.example', capabilities: ['llm/a'], json: '{"other":1}' };
const never = () => new Promise<readonly Entry[]>(() => undefined);

describe('what is known of orchestrators', () => {
  let look: FollowDeps['look'];
  let looks: number;
  let followed: Orchestrators;
  beforeEach(() => {
    vi.useFakeTimers();
    looks = 0;
    followed = followOrchestrators(
      {
        look: (onHeard) => {
          looks += 1;
          return look(onHeard);
        },
        monotonicMs: () => Date.now(),
        log: createLog({ service: 'signer', level: 'silent' }),
      },
      { intervalMs: 60_000 },
    );
  });
  afterEach(() => vi.useRealTimers());

  const ask = async () => {
    const answer = followed.entries();
    await vi.advanceTimersByTimeAsync(DISCOVERY_LIMITS.firstLookMs);
    return await answer;
  };

  test('one that never answers does not keep those from being known who did', async () => {
    look = (onHeard) => {
      onHeard([GOOD]);
      return never();
    };
    expect(await ask()).toEqual([GOOD]);
    expect(looks).toBe(1);
  });

  test('nobody who answered: nothing is known', async () => {
    look = never;
    expect(await ask()).toBeUndefined();
  });

  test('a whole look counts, and half of the next one takes nothing away', async () => {
    look = async () => [GOOD, OTHER];
    followed.start();
    expect(await ask()).toEqual([GOOD, OTHER]);
    look = (onHeard) => {
      onHeard([OTHER]);
      return never();
    };
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks).toBe(2);
    expect(await ask()).toEqual([GOOD, OTHER]);
  });
});
