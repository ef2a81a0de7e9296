import { configuredCeiling } from './capability-ceiling.ts';
import { readMaxPrice } from './max-price.ts';
import type { OpenedRequest, PaymentPolicy, PlanRefusal } from './plan.ts';
import { priceFault } from './price-ceiling.ts';
import type { Rational } from './rational.ts';
import { refusePlan } from './refuse-plan.ts';

/**
 * Rows 17 to 19: the request's own ceiling must be readable (`invalid_max_price`), a state's
 * initial price positive (`invalid_initial_price`), and the orchestrator's current price not
 * above the lowest of all ceilings (`price_exceeded`).
 */
export function checkPrice(opened: OpenedRequest, policy: PaymentPolicy): PlanRefusal | undefined {
  let request: Rational | undefined;
  if (opened.maxPrice !== undefined) {
    const read = readMaxPrice(opened.maxPrice, opened.type);
    if (!read.ok) return refusePlan(read.code, read.message);
    request = read.priceWei;
  }
  const initial = initialPrice(opened);
  if (initial === 'invalid') return refusePlan('invalid_initial_price');
  const { pricePerUnit, pixelsPerUnit } = opened.info.priceInfo;
  const configured = configuredCeiling(policy, opened.capabilityModels);
  const ceilings = { configured, request, initial };
  const fault = priceFault({ num: pricePerUnit, den: pixelsPerUnit }, ceilings);
  return fault === undefined ? undefined : refusePlan('price_exceeded', fault);
}

function initialPrice({ state }: OpenedRequest): Rational | undefined | 'invalid' {
  if (state === undefined) return undefined;
  const { initialPricePerUnit: num, initialPixelsPerUnit: den } = state;
  return num > 0n && den > 0n ? { num, den } : 'invalid';
}
