import type { JobType, SessionTerms } from '@clearinghouse/gateway-double';

/**
 * What the demo's orchestrator asks. Every price is odd on purpose, so that fees have fractions
 * of a wei. Within a signer's defaults: a ticket is worth at most 3e12 wei, a payment 2e13.
 *
 * - lv2v: the first call's minute costs about 90 tickets, then one about every 0.7 seconds.
 * - live: ten seconds are about 14 tickets, every second then 1 or 2.
 * - fixed: 2 or 3 tickets a piece.
 */
export const TERMS: Readonly<Record<JobType, SessionTerms>> = {
  lv2v: {
    price: { pricePerUnit: 1_085_069n, pixelsPerUnit: 100n },
    faceValueWei: 4_000_000_000_000n,
    evWei: 200_000_000_000n,
  },
  live: {
    price: { pricePerUnit: 4_050_000_000_001n, pixelsPerUnit: 3n },
    faceValueWei: 20_000_000_000_000n,
    evWei: 1_000_000_000_000n,
  },
  fixed: {
    price: { pricePerUnit: 2_200_000_000_001n, pixelsPerUnit: 1n },
    faceValueWei: 20_000_000_000_000n,
    evWei: 1_000_000_000_000n,
  },
};

/** The unit of `maxPrice` for each type. */
export const PRICE_UNITS: Readonly<Record<JobType, string>> = {
  lv2v: '720p-pixel-seconds',
  live: 'seconds',
  fixed: 'fixed',
};
