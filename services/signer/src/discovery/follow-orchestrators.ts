import type { Logger } from '@clearinghouse/shared';
import { DISCOVERY_LIMITS } from '../limits.ts';
import type { Entry } from './look-around.ts';

export type FollowDeps = {
  /** Tells of entries as they are heard, and of all in the end. */
  readonly look: (onHeard: (entries: readonly Entry[]) => void) => Promise<readonly Entry[]>;
  readonly monotonicMs: () => number;
  readonly log: Logger;
};

/** Who offers what, as far as it is known. */
export type Orchestrators = {
  /** The entries known now; waits a little for the first ones. `undefined`: nothing is known. */
  readonly entries: () => Promise<readonly Entry[] | undefined>;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Looks around now and again, behind the callers' backs. What was found stays until something is
 * found again: a source that is away, or finds nobody, takes nothing away. While nothing is known
 * it is looked again at a request, and what that look has heard so far is better than nothing.
 */
export function followOrchestrators(
  deps: FollowDeps,
  options: { readonly intervalMs: number },
): Orchestrators {
  let known: readonly Entry[] | undefined;
  let heard: readonly Entry[] = [];
  let looking: Promise<void> | undefined;
  let beganMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const lookOnce = async () => {
    try {
      heard = [];
      const entries = await deps.look((more) => {
        heard = [...heard, ...more];
      });
      if (entries.length > 0) known = entries;
      else deps.log.warn('no orchestrator offers anything that would be paid');
    } catch (error) {
      const fault = error instanceof Error ? error.message : 'unknown';
      deps.log.warn({ fault }, 'orchestrators could not be listed');
    }
  };
  const look = (): Promise<void> => {
    if (looking === undefined) {
      beganMs = deps.monotonicMs();
      looking = lookOnce().finally(() => {
        looking = undefined;
      });
    }
    return looking;
  };
  const again = async () => {
    await look();
    if (!isStopped) timer = setTimeout(() => void again(), options.intervalMs).unref();
  };
  return {
    entries: async () => {
      if (known !== undefined || isStopped) return known;
      const isTooSoon = deps.monotonicMs() - beganMs < DISCOVERY_LIMITS.lookAgainMs;
      if (looking !== undefined || !isTooSoon) await atMost(look(), DISCOVERY_LIMITS.firstLookMs);
      return known ?? (heard.length > 0 ? heard : undefined);
    },
    start: () => void again(),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
