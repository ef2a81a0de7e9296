import {
  createAsker,
  type Logger,
  priceReplySchema,
  type QueueConnection,
  systemClock,
} from '@clearinghouse/shared';
import { type CeilingRules, needsRate } from '../prices/ceiling.ts';
import { convertCeilings, type WeiCeilings } from '../prices/convert-ceilings.ts';
import { followRate } from '../prices/follow-rate.ts';

/** The operator's ceilings, and whether they can be told now. */
export type Ceilings = {
  readonly ceilings: WeiCeilings;
  /** False: a ceiling is in USD, and what that is worth is not known. */
  readonly canPrice: () => boolean;
  readonly stop: () => void;
};

/** Opens them; billing is asked for its price only when one of them is in USD. */
export function openCeilings(
  rules: CeilingRules,
  { queue, log }: { readonly queue: QueueConnection; readonly log: Logger },
): Ceilings {
  if (!needsRate(rules)) {
    const ceilings = convertCeilings(rules, () => undefined);
    return { ceilings, canPrice: () => true, stop: () => undefined };
  }
  const ask = createAsker(queue, 'price-read', { replySchema: priceReplySchema });
  const rate = followRate({ ask, monotonicMs: systemClock.monotonicMs, log });
  rate.start();
  return {
    ceilings: convertCeilings(rules, rate.weiPerUsd),
    canPrice: () => rate.weiPerUsd() !== undefined,
    stop: rate.stop,
  };
}
