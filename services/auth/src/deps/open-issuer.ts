import type { Logger, Sql } from '@clearinghouse/shared';
import type { IssuerConfig } from '../config/issuer.ts';
import { countRates } from '../rate-limits/count-rates.ts';

/** Makes what the issuer's surfaces share: the counters of rate limits. */
export function openIssuerParts(
  config: IssuerConfig & { readonly redisUrl: string | undefined },
  base: { readonly db: Sql; readonly log: Logger; readonly nowMs: () => number },
) {
  const rates = countRates({ ...base, redisUrl: config.redisUrl, factor: config.rateLimitFactor });
  return {
    consumeRate: rates.consume,
    peekRate: rates.peek,
    stopSteps: [{ name: 'rate limits', stop: rates.stop }],
  };
}
