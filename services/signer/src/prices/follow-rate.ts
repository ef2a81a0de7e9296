import type { Ask, Logger, PriceReply } from '@clearinghouse/shared';
import { RATE_LIMITS } from '../limits.ts';
import type { Rational } from '../payments/rational.ts';

export type FollowRateDeps = {
  readonly ask: Ask<PriceReply>;
  readonly monotonicMs: () => number;
  readonly log: Logger;
};

/** What a USD is worth in wei, as billing has it. */
export type FollowedRate = {
  /** The same object for as long as it is the same rate; undefined: none, or too old. */
  readonly weiPerUsd: () => Rational | undefined;
  readonly look: () => Promise<void>;
  readonly start: () => void;
  readonly stop: () => void;
};

/** wei of an ether, times the eight decimals of the price. */
const WEI_E8 = 10n ** 26n;

/** Asks billing for its price now and again. It is believed for as long as billing believes it. */
export function followRate(deps: FollowRateDeps): FollowedRate {
  let rate: Rational | undefined;
  let validUntilMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const look = async () => {
    // Age is counted from before the question: an answer that was long on its way is older.
    const askedAtMs = deps.monotonicMs();
    const answer = await deps.ask({});
    if (!answer.ok) {
      deps.log.warn({ code: answer.code }, 'billing did not tell the price of ether');
      return;
    }
    const { price } = answer.value;
    if (price === null) return;
    if (rate?.den !== price.priceE8) rate = { num: WEI_E8, den: price.priceE8 };
    validUntilMs = askedAtMs + price.maxAgeMs - price.ageMs;
  };
  const again = async () => {
    await look();
    if (!isStopped) timer = setTimeout(() => void again(), RATE_LIMITS.askEveryMs).unref();
  };
  return {
    weiPerUsd: () => (deps.monotonicMs() < validUntilMs ? rate : undefined),
    look,
    start: () => void again(),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
