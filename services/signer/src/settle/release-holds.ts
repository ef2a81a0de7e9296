import type { Ask, Logger, ReleaseResult, releaseReplySchema } from '@clearinghouse/shared';
import { ok } from '@clearinghouse/shared';
import type { z } from 'zod';
import type { OpenAsks } from '../holds/open-asks.ts';
import { RUNTIME_LIMITS } from '../limits.ts';
import { createDelivery, type Delivery } from './deliver.ts';

/** A hold that was granted and for which nothing was signed. */
export type UnusedHold = {
  readonly askNo: number;
  readonly holdId: string;
  readonly reason: string;
};

export type ReleaseHoldsDeps = {
  readonly askRelease: Ask<z.output<typeof releaseReplySchema>>;
  readonly asks: Pick<OpenAsks, 'close'>;
  readonly replicaId: string;
  readonly log: Logger;
};

export type HoldReleaser = Omit<Delivery<UnusedHold>, 'push'> & {
  readonly release: (hold: UnusedHold) => void;
};

const ITEMS_MAX = 500;

/**
 * Makes the way of unused holds back to billing, each until it is answered; only then its ask is
 * finished. Above `pendingMax` one is let go at once: its money comes back when its time is over.
 */
export function createHoldReleaser(deps: ReleaseHoldsDeps): HoldReleaser {
  const delivery = createDelivery<UnusedHold, ReleaseResult>({
    itemsMax: ITEMS_MAX,
    inFlightMax: 1,
    afterMs: RUNTIME_LIMITS.settleAfterMs,
    send: async (holds) => {
      const items = holds.map(({ holdId, reason }) => ({ holdId, reason }));
      const outcome = await deps.askRelease({ replicaId: deps.replicaId, items });
      return outcome.ok ? ok(outcome.value.results) : outcome;
    },
    onResult: ({ askNo, holdId, reason }, result) => {
      deps.log.info({ holdId, askNo, reason, result }, 'unused hold released');
      deps.asks.close(askNo);
    },
    onFailure: (code, attempt) => {
      deps.log.warn({ code, attempt }, 'releases are not acknowledged yet');
    },
  });
  return {
    ...delivery,
    release: (hold) => {
      if (delivery.pending() < RUNTIME_LIMITS.pendingMax) delivery.push(hold);
      else deps.asks.close(hold.askNo);
    },
  };
}
