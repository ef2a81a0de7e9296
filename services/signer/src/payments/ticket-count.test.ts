import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../vectors/fee-and-tickets.json' with { type: 'json' };
import simulation from '../../vectors/no-tickets-482-simulation.json' with { type: 'json' };
import { PROTOCOL, SIGNER_LIMITS } from '../limits.ts';
import { expectedValue } from '../tickets/expected-value.ts';
import { feeOf } from './fee.ts';
import { floatString, ratString } from './format-rational.ts';
import { parseRational } from './parse-rational.ts';
import { compareRational, maxRational, type Rational, whole, ZERO } from './rational.ts';
import { countTickets } from './ticket-count.ts';

type Vector = (typeof vectors.cases)[number];

function rational(text: string): Rational {
  const value = parseRational(text);
  if (value === undefined) throw new Error(`no fraction: ${text}`);
  return value;
}

function feeOfVector(vector: Vector): Rational {
  return feeOf({
    pricePerUnit: BigInt(vector.pricePerUnit),
    pixelsPerUnit: BigInt(vector.pixelsPerUnit),
    units: BigInt(vector.units),
  });
}

describe('fee and tickets: the real accounting of go-livepeer', () => {
  test.each(vectors.cases)('$name', (vector) => {
    const fee = feeOfVector(vector);
    expect(ratString(fee)).toBe(vector.fee);
    const ev = expectedValue({
      faceValueWei: BigInt(vector.faceValue),
      winProb: BigInt(vector.winProb),
    });
    expect(ratString(ev)).toBe(vector.ev);
    expect(floatString(ev, 5)).toBe(vector.evFloat5);
    const bought = countTickets({ fee, ev, balance: rational(vector.balanceBefore) });
    expect(bought.numTickets).toBe(BigInt(vector.numTickets));
    const status =
      bought.numTickets === 0n
        ? 482
        : bought.numTickets > BigInt(SIGNER_LIMITS.ticketsMax)
          ? 400
          : 200;
    expect(status).toBe(vector.status);
    if (vector.balanceAfter === null) return;
    expect(ratString(bought.newBalance)).toBe(vector.balanceAfter);
    expect(floatString(bought.newBalance, 0)).toBe(vector.balanceAfterFloat0);
  });

  test('a session of eight calls, ten seconds apart', () => {
    const [opening] = vectors.cases;
    if (opening === undefined) throw new Error('no vector');
    const { faceValue, winProb } = opening;
    const ev = expectedValue({ faceValueWei: BigInt(faceValue), winProb: BigInt(winProb) });
    let balance = ZERO;
    for (const call of vectors.sessionOf8Calls10sApart) {
      const bought = countTickets({ fee: rational(call.fee), ev, balance });
      expect(bought.numTickets).toBe(BigInt(call.numTickets));
      expect(bought.numTickets === 0n ? 482 : 200).toBe(call.status);
      balance = bought.newBalance;
      expect(ratString(balance)).toBe(call.balanceAfter);
    }
  });
});

describe('482 ends by itself while time is billed', () => {
  test.each(simulation.sims)('EV $ev, poll $poll s', (sim) => {
    const ev = whole(BigInt(sim.ev));
    // The two with a poll of 10 s are live, the other is lv2v.
    const preloadSec = sim.poll === 10 ? 10 : 60;
    let balance = ZERO;
    let lastSec = 0;
    const mints: { t: number; tickets: string }[] = [];
    for (let t = 0; mints.length < sim.first8.length; t += sim.poll) {
      const seconds = t === 0 ? preloadSec : t - lastSec;
      const fee = whole(BigInt(sim.pricePerSec) * BigInt(seconds));
      const bought = countTickets({ fee, ev, balance });
      if (bought.numTickets === 0n) continue;
      mints.push({ t, tickets: bought.numTickets.toString() });
      balance = bought.newBalance;
      lastSec = t;
    }
    expect(mints).toEqual(sim.first8.map(({ t, tickets }) => ({ t, tickets })));
  });
});

describe('a fixed session is not refused for ever', () => {
  const ev = whole(1000n);

  test('covered, it buys one ticket more', () => {
    const covered = { fee: whole(5n), ev, balance: whole(1000n) };
    expect(countTickets(covered).numTickets).toBe(0n);
    const bought = countTickets({ ...covered, atLeastOne: true });
    expect(bought).toEqual({ numTickets: 1n, newBalance: whole(1995n) });
  });

  test('not covered, it buys what is missing and no more', () => {
    const missing = { fee: whole(5000n), ev, balance: whole(1n) };
    expect(countTickets({ ...missing, atLeastOne: true })).toEqual(countTickets(missing));
  });

  test('tickets without value are not bought', () => {
    const worthless = { fee: whole(5n), ev: ZERO, balance: ZERO, atLeastOne: true };
    expect(countTickets(worthless).numTickets).toBe(0n);
  });
});

describe('tickets: properties', () => {
  const inputs = fc.record({
    pricePerUnit: fc.bigInt({ min: 1n, max: 1n << 40n }),
    pixelsPerUnit: fc.bigInt({ min: 1n, max: 1n << 40n }),
    units: fc.bigInt({ min: 0n, max: 1n << 40n }),
    faceValueWei: fc.bigInt({ min: 1n, max: 1n << 80n }),
    winProb: fc.bigInt({ min: 1n, max: PROTOCOL.maxWinProb }),
    balanceNum: fc.bigInt({ min: -(1n << 90n), max: 1n << 90n }),
    balanceDen: fc.bigInt({ min: 1n, max: 1n << 90n }),
    atLeastOne: fc.boolean(),
  });

  test('the balance never goes below zero, and the tickets cover the fee and one EV', () => {
    fc.assert(
      fc.property(inputs, ({ balanceNum, balanceDen, atLeastOne, ...rest }) => {
        const fee = feeOf(rest);
        const ev = expectedValue(rest);
        const balance = { num: balanceNum, den: balanceDen };
        const { numTickets, newBalance } = countTickets({ fee, ev, balance, atLeastOne });
        const minCredit = maxRational(fee, ev);
        const creditWith = (count: bigint): Rational => ({
          num: balance.num * ev.den + ev.num * count * balance.den,
          den: balance.den * ev.den,
        });
        expect(compareRational(creditWith(numTickets), minCredit)).toBeGreaterThanOrEqual(0);
        if (numTickets === 0n) {
          expect(newBalance).toBe(balance);
          return;
        }
        if (numTickets > 1n || !atLeastOne) {
          expect(compareRational(creditWith(numTickets - 1n), minCredit)).toBeLessThan(0);
        }
        expect(newBalance.num >= 0n).toBe(true);
        const credit = creditWith(numTickets);
        const after = {
          num: credit.num * fee.den - fee.num * credit.den,
          den: credit.den * fee.den,
        };
        expect(compareRational(newBalance, after)).toBe(0);
      }),
    );
  });

  test('a whole session loses not a single fraction of a wei', () => {
    const fees = fc.array(fc.bigInt({ min: 1n, max: 1n << 30n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fees, fc.bigInt({ min: 1n, max: 1n << 60n }), (units, winProb) => {
        const ev = expectedValue({ faceValueWei: 1n << 230n, winProb });
        let balance = ZERO;
        let tickets = 0n;
        let billed = 0n;
        for (const count of units) {
          const fee = feeOf({ pricePerUnit: 7n, pixelsPerUnit: 3n, units: count });
          const bought = countTickets({ fee, ev, balance, atLeastOne: true });
          tickets += bought.numTickets;
          billed += count * 7n;
          balance = bought.newBalance;
        }
        const left = { num: ev.num * tickets * 3n - billed * ev.den, den: ev.den * 3n };
        expect(compareRational(balance, left)).toBe(0);
      }),
    );
  });
});
