import { describe, expect, it } from 'vitest';
import { planSessions, USERS_MAX } from './plan-sessions.ts';

describe('the plan of a demo', () => {
  it.each([40, 41, 300, 999, 5000])('has exactly %i payments', (payments) => {
    const sum = planSessions(payments).reduce((total, plan) => total + plan.payments, 0);
    expect(sum).toBe(payments);
  });

  it('gives every user every type, and the gateway key too', () => {
    const plans = planSessions(300);
    const payers = [undefined, ...Array.from({ length: USERS_MAX }, (_, user) => user)];
    for (const user of payers) {
      const types = plans.filter((plan) => plan.user === user).map((plan) => plan.type);
      expect(new Set(types)).toEqual(new Set(['lv2v', 'live', 'fixed']));
    }
  });

  it('leaves no session without a payment', () => {
    expect(planSessions(34).every((plan) => plan.payments > 0)).toBe(true);
  });

  it('lets both kinds of age occur', () => {
    const aged = planSessions(300).map((plan) => Object.keys(plan.aging).join());
    expect(new Set(aged)).toEqual(new Set(['paramsValidBlocks', 'authTokenTtlSec']));
  });
});
