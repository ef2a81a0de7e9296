import type { Tell, Watermark } from '@clearinghouse/shared';
import type { OpenAsks } from '../holds/open-asks.ts';
import { RUNTIME_LIMITS } from '../limits.ts';

export type TellWatermarkDeps = {
  readonly tell: Tell;
  readonly asks: Pick<OpenAsks, 'closedUpTo'>;
  readonly replicaId: string;
};

/** Tells billing how far the asks of this process are finished. Never rejects. */
export async function tellWatermark(deps: TellWatermarkDeps, last = false): Promise<boolean> {
  const { replicaId, asks } = deps;
  const watermark: Watermark = { replicaId, grantsClosedUpTo: asks.closedUpTo(), last };
  return (await deps.tell(watermark)).ok;
}

/** Tells that another process is gone and that all it signed is settled. Never rejects. */
export async function tellLastWatermark(
  deps: Pick<TellWatermarkDeps, 'tell'>,
  replicaId: string,
): Promise<boolean> {
  const grantsClosedUpTo = Number.MAX_SAFE_INTEGER;
  const watermark: Watermark = { replicaId, grantsClosedUpTo, last: true };
  return (await deps.tell(watermark)).ok;
}

/** Tells it every second, changed or not: billing knows by it that this process lives. */
export function startWatermark(deps: TellWatermarkDeps): { readonly stop: () => void } {
  let isTelling = false;
  const timer = setInterval(() => {
    if (isTelling) return;
    isTelling = true;
    void tellWatermark(deps).finally(() => {
      isTelling = false;
    });
  }, RUNTIME_LIMITS.watermarkMs);
  return { stop: () => clearInterval(timer) };
}
