import { describe, expect, test } from 'vitest';
import { makeInfo, makeRequest, planned } from '../payments/fixtures/make-request.ts';
import { whole } from '../payments/rational.ts';
import { checkBounds, type TicketBounds } from './check-bounds.ts';

const PLAN = planned(
  makeRequest({ orchestrator: makeInfo({ pricePerUnit: 6000n, pixelsPerUnit: 1n }) }),
);
const { faceValueWei, winProb, count } = PLAN.tickets;
const MAX = (1n << 256n) - 1n;
const CHANCE = { num: winProb, den: MAX };
const EV = { num: faceValueWei * winProb, den: MAX };
const TOTAL = { num: EV.num * BigInt(count), den: MAX };
const above = ({ num, den }: { num: bigint; den: bigint }) => ({ num: num + 1n, den });
const below = ({ num, den }: { num: bigint; den: bigint }) => ({ num: num - 1n, den });

describe('bounds of tickets: at the bound passes, beyond it does not', () => {
  test('there are several tickets, so that one and all differ', () => {
    expect(count).toBeGreaterThan(1);
  });

  test.each<[string, TicketBounds, TicketBounds]>([
    [
      'policy_face_value',
      { faceValueMaxWei: faceValueWei },
      { faceValueMaxWei: faceValueWei - 1n },
    ],
    ['policy_win_prob', { winProbMin: CHANCE }, { winProbMin: above(CHANCE) }],
    ['policy_win_prob', { winProbMax: CHANCE }, { winProbMax: below(CHANCE) }],
    ['policy_ticket_ev', { ticketEvMinWei: EV }, { ticketEvMinWei: above(EV) }],
    ['policy_ticket_ev', { ticketEvMaxWei: EV }, { ticketEvMaxWei: below(EV) }],
    ['policy_payment_ev', { paymentEvMaxWei: TOTAL }, { paymentEvMaxWei: below(TOTAL) }],
  ])('%s', (code, at, beyond) => {
    expect(checkBounds(at, PLAN)).toBeUndefined();
    expect(checkBounds(beyond, PLAN)).toMatchObject({ ok: false, status: 403, code });
  });

  test('what is not bounded passes', () => {
    expect(checkBounds({}, PLAN)).toBeUndefined();
  });

  test('the client is told the numbers', () => {
    expect(checkBounds({ faceValueMaxWei: 1n }, PLAN)?.message).toBe(
      `ticket faceValue ${faceValueWei} > max faceValue 1`,
    );
    expect(checkBounds({ ticketEvMaxWei: whole(1n) }, PLAN)?.message).toMatch(/^ticket EV \d+\./);
  });
});
