import { type CapabilityPrices, configuredCeiling } from '../payments/capability-ceiling.ts';
import { PIPELINES } from '../payments/pipelines.ts';
import { compareRational, type Rational } from '../payments/rational.ts';
import type { Offer } from '../wire/decode-offer.ts';

/** What may be paid at most. */
export type Ceilings = {
  readonly maxPriceWei: Rational | undefined;
  readonly capabilityPrices: CapabilityPrices;
};

/** The `pipeline/model` of an offer that have a price which we would pay, in their order. */
export function judgeOffer(ceilings: Ceilings, { capabilities, prices }: Offer): string[] {
  const names: string[] = [];
  for (const [capability, models] of capabilities?.perCapability ?? []) {
    const pipeline = PIPELINES.get(capability);
    if (pipeline === undefined) continue;
    for (const model of models.keys()) {
      const price = prices.find((one) => one.capability === capability && one.constraint === model);
      if (!price || price.pixelsPerUnit <= 0n || price.pricePerUnit <= 0n) continue;
      const asked = { num: price.pricePerUnit, den: price.pixelsPerUnit };
      const ceiling = configuredCeiling(ceilings, [{ capability, model }]);
      if (ceiling && compareRational(asked, ceiling) > 0) continue;
      names.push(`${pipeline}/${model}`);
    }
  }
  return names;
}
