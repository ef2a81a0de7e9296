import { PIPELINES } from './pipelines.ts';
import { type Rational, sumRational, ZERO } from './rational.ts';

/** Highest prices by `pipeline/model`, in wei a unit; `pipeline/default` is for all its models. */
export type CapabilityPrices = ReadonlyMap<string, Rational>;

/** A capability and model that a request asks for. */
export type CapabilityModel = { readonly capability: number; readonly model: string };

export const DEFAULT_MODEL = 'default';

/**
 * The configured ceiling of a request, as go-livepeer finds it: the sum of the highest prices of
 * all capabilities and models that it names; the general one when it names none, or none that has
 * a price. Absent: no limit.
 */
export function configuredCeiling(
  policy: {
    readonly maxPriceWei: Rational | undefined;
    readonly capabilityPrices: CapabilityPrices;
  },
  asked: readonly CapabilityModel[],
): Rational | undefined {
  let sum = ZERO;
  for (const { capability, model } of asked) {
    const pipeline = PIPELINES.get(capability);
    if (pipeline === undefined) continue;
    const price =
      policy.capabilityPrices.get(`${pipeline}/${model}`) ??
      policy.capabilityPrices.get(`${pipeline}/${DEFAULT_MODEL}`);
    if (price !== undefined) sum = sumRational(sum, price);
  }
  return sum.num > 0n ? sum : policy.maxPriceWei;
}
