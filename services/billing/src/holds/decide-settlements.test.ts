import { type EthUsdE8, USD_SCALE, type Wei } from '@clearinghouse/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSettlements, type SettleHold, type SettlePurse } from './decide-settlements.ts';
import { HOLD_STATE } from './hold.ts';
import { priceHold } from './price-hold.ts';

const PURSE: SettlePurse = {
  accountId: 1n,
  posted: 0n,
  held: 0n,
  creditLimit: 0n,
  remainder: 0n,
  networkRemainder: 0n,
};

type Payment = { feeWei: bigint; priceE8: bigint; markupBps: number; late: boolean };

const payments = fc.array(
  fc.record({
    feeWei: fc.oneof(fc.bigInt(0n, 1_000n), fc.bigInt(0n, 10n ** 20n)),
    priceE8: fc.bigInt(1n, 10n ** 13n),
    markupBps: fc.nat(1_000_000),
    late: fc.boolean(),
  }),
  { maxLength: 40 },
);

function toHold(payment: Payment, index: number): SettleHold {
  const priceE8 = payment.priceE8 as EthUsdE8;
  const price = priceHold(payment.feeWei as Wei, {
    fxId: 1n,
    priceE8,
    markupBps: payment.markupBps,
  });
  if (!price) throw new Error('out of range');
  return {
    id: `hold-${index}`,
    state: payment.late ? HOLD_STATE.expired : HOLD_STATE.open,
    accountId: 1n,
    appId: 'app_a',
    subject: 'app',
    userId: undefined,
    externalUserId: undefined,
    keyId: undefined,
    clientId: undefined,
    sender: '0x',
    pipeline: '',
    model: '',
    units: 0n,
    billableMs: 0n,
    feeWei: payment.feeWei as Wei,
    ticketEvWei: payment.feeWei as Wei,
    priceE8,
    chargeExact: price.chargeExact,
    chargeHoldMicros: price.chargeHoldMicros,
    paymentHash: '',
  };
}

function settleAll(holds: readonly SettleHold[], purse: SettlePurse, batch: number) {
  let purses: ReadonlyMap<bigint, SettlePurse> = new Map([[1n, purse]]);
  const posted = [];
  for (let from = 0; from < holds.length; from += batch) {
    const slice = holds.slice(from, from + batch);
    const decision = decideSettlements({
      settlements: slice.map(({ id }) => ({ holdId: id })),
      holds: new Map(slice.map((hold) => [hold.id, hold])),
      purses,
      nowMs: 0,
    });
    purses = decision.purses;
    posted.push(...decision.posted);
  }
  return { posted, purse: purses.get(1n) as SettlePurse };
}

describe('the arithmetic of holds and settlements', () => {
  const fund = (holds: readonly SettleHold[], share = 100n): SettlePurse => {
    const open = holds.filter(({ state }) => state === HOLD_STATE.open);
    const held = open.reduce((sum, hold) => sum + hold.chargeHoldMicros, 0n);
    const late = holds.reduce((sum, hold) => sum + hold.chargeHoldMicros, 0n) - held;
    return { ...PURSE, posted: held + (late * share) / 100n, held };
  };

  it('is off by less than one micro-USD in a lifetime, whatever the batches', () => {
    fc.assert(
      fc.property(payments, fc.integer({ min: 1, max: 50 }), (list, batch) => {
        const holds = list.map(toHold);
        const { posted, purse } = settleAll(holds, fund(holds), batch);
        const exact = holds.reduce((sum, hold) => sum + hold.chargeExact, 0n);
        const debited = posted.reduce((sum, one) => sum + one.chargeMicros, 0n);
        expect(exact - debited * USD_SCALE).toBe(purse.remainder);
        expect(purse.remainder >= 0n && purse.remainder < USD_SCALE).toBe(true);
        expect(posted.every((one) => one.shortMicros === 0n)).toBe(true);
      }),
    );
  });

  it('gives the same sum in every order', () => {
    fc.assert(
      fc.property(payments, (list) => {
        const holds = list.map(toHold);
        const forward = settleAll(holds, fund(holds), 7);
        const backward = settleAll([...holds].reverse(), fund(holds), 3);
        expect(backward.purse).toEqual(forward.purse);
      }),
    );
  });

  it('never debits more than was held', () => {
    fc.assert(
      fc.property(payments, fc.bigInt(0n, USD_SCALE - 1n), (list, remainder) => {
        const holds = list.map((payment, index) => toHold({ ...payment, late: false }, index));
        const { posted } = settleAll(holds, { ...fund(holds), remainder }, 5);
        for (const { hold, chargeMicros } of posted) {
          expect(chargeMicros <= hold.chargeHoldMicros).toBe(true);
        }
      }),
    );
  });

  it('never takes a balance below what is held, and drops nothing', () => {
    fc.assert(
      fc.property(payments, fc.bigInt(0n, 100n), (list, share) => {
        const holds = list.map(toHold);
        const before = fund(holds, share);
        const { posted, purse } = settleAll(holds, before, 4);
        const charged = posted.reduce((sum, one) => sum + one.chargeMicros, 0n);
        const short = posted.reduce((sum, one) => sum + one.shortMicros, 0n);
        expect(purse.posted - purse.held >= 0n).toBe(true);
        expect(before.posted - purse.posted + short).toBe(charged);
        expect(purse.held).toBe(0n);
      }),
    );
  });
});
