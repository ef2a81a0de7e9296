import { describe, expect, test } from 'vitest';
import { type Simulation, simulateSession } from './fixtures/simulate-session.ts';
import { compareRational, whole, ZERO } from './rational.ts';
import { sessionReserve } from './session-reserve.ts';
import { countTickets } from './ticket-count.ts';

const LIVE = { type: 'live', price: whole(10n), fee: whole(100n), ev: whole(1000n) } as const;

describe('the reserve of a session', () => {
  test('later calls: one ticket and reserveSec seconds', () => {
    expect(sessionReserve({ ...LIVE, isFirst: false, reserveSec: 15 })).toEqual(whole(1150n));
  });

  test('a first call: twice reserveSec, the fee included', () => {
    expect(sessionReserve({ ...LIVE, isFirst: true, reserveSec: 15 })).toEqual(whole(200n));
  });

  test('a first call whose fee is more than that buys no more than go-livepeer would', () => {
    const preload = { ...LIVE, fee: whole(600n), isFirst: true, reserveSec: 15 };
    expect(compareRational(sessionReserve(preload), ZERO)).toBe(0);
  });

  test('lv2v counts pixels: 27,648,000 a second', () => {
    const lv2v = { ...LIVE, type: 'lv2v', price: { num: 1n, den: 27_648_000n } };
    const reserve = sessionReserve({ ...lv2v, isFirst: false, reserveSec: 15 });
    expect(compareRational(reserve, whole(1015n))).toBe(0);
  });

  test.each(['fixed', ''])('type "%s" bills no time and keeps nothing', (type) => {
    expect(sessionReserve({ ...LIVE, type, isFirst: false, reserveSec: 15 })).toBe(ZERO);
  });

  test('reserveSec 0 is go-livepeer’s own rule', () => {
    expect(sessionReserve({ ...LIVE, isFirst: false, reserveSec: 0 })).toBe(ZERO);
  });
});

describe('tickets for the sake of the reserve', () => {
  const input = { fee: whole(100n), ev: whole(10n), balance: whole(0n) };
  const credit = whole(500n);

  test('are bought until fee and reserve are covered', () => {
    const bought = countTickets({ ...input, reserve: { credit, ticketsMax: 100n } });
    expect(bought).toEqual({ numTickets: 60n, newBalance: whole(500n) });
  });

  test('never make a payment larger than its bound', () => {
    const bought = countTickets({ ...input, reserve: { credit, ticketsMax: 20n } });
    expect(bought).toEqual({ numTickets: 20n, newBalance: whole(100n) });
  });

  test('never take away what the fee itself needs', () => {
    expect(countTickets({ ...input, reserve: { credit, ticketsMax: 3n } }).numTickets).toBe(10n);
  });

  test('none while the carried credit covers both', () => {
    const covered = { ...input, balance: whole(600n), reserve: { credit, ticketsMax: 100n } };
    expect(countTickets(covered).numTickets).toBe(0n);
  });
});

const SESSIONS: Omit<Simulation, 'reserveSec'>[] = (
  [
    ['live', 10_000_000_000_000n, 10],
    ['live', 150_000_000_000n, 10],
    ['live', 1_000_000_000_000n, 5],
    ['lv2v', 10_000_000_000_000n, 5],
    ['lv2v', 150_000_000_000n, 10],
  ] as const
).map(([type, evWei, pollSec]) => ({
  type,
  evWei,
  pollSec,
  priceWeiPerSec: 55_555_555_556n,
  untilSec: 3_600,
}));
const RESERVE_SEC = 15;
const survives = (simulation: Simulation) =>
  simulateSession(simulation).every((poll) => poll.sec === 0 || poll.leftSec >= 0);

describe('one payment that never arrives', () => {
  test.each(SESSIONS)('does not end a session: $type, EV $evWei, poll $pollSec s', (session) => {
    const made = simulateSession({ ...session, reserveSec: RESERVE_SEC });
    const payments = made.filter((poll) => poll.tickets > 0).length;
    expect(payments).toBeGreaterThan(5);
    // Whichever it is, but for the first, without which there is no session.
    for (let lostPayment = 1; lostPayment < payments; lostPayment += 1) {
      expect([lostPayment, survives({ ...session, reserveSec: RESERVE_SEC, lostPayment })]).toEqual(
        [lostPayment, true],
      );
    }
  });

  test.each(SESSIONS)('ends one under go-livepeer’s rule: $type, EV $evWei', (session) => {
    const payments = simulateSession({ ...session, reserveSec: 0 }).filter((p) => p.tickets > 0);
    const isFatal = payments.some(
      (_, lostPayment) => lostPayment > 0 && !survives({ ...session, reserveSec: 0, lostPayment }),
    );
    // With the preload of 60 s and small payments there is enough left without a reserve.
    expect(isFatal).toBe(!(session.type === 'lv2v' && session.evWei < 1_000_000_000_000n));
  });
});
