import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHAIN, NOW_NS, TRANSCODER } from '../payments/fixtures/make-request.ts';
import { whole } from '../payments/rational.ts';
import { checkTicketParams } from '../tickets/check-params.ts';
import { mergePoses, type Pose, type Posed, send } from './fixtures/pose-payment.ts';
import { startSurface, type TestSurface } from './fixtures/start-surface.ts';

const NS_PER_SEC = 1_000_000_000n;
const MAX_WIN_PROB = (1n << 256n) - 1n;
const FACE_VALUE = 10n ** 17n;

/** A fault of ticket params; `inner` is go-livepeer's text behind the prefix of row 14. */
type Fault = { readonly row: string; readonly pose: Pose; readonly inner: string };

let surface: TestSurface;
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => surface.reset());

/** Found for one ticket already, in this order. */
const FAULTS: readonly Fault[] = [
  {
    row: '3.4 row 1: expiration block is 0',
    pose: { info: { expirationBlock: 1n << 64n } },
    inner: 'ticketParams expiration block is 0',
  },
  {
    row: '3.4 row 4: EV not below face value',
    pose: { info: { winProb: MAX_WIN_PROB } },
    inner: `ticket faceValue too low faceValue=${FACE_VALUE}`,
  },
  {
    row: '3.4 row 5: ticket EV',
    pose: { neighbours: { policy: { maxTicketEvWei: { num: 1n, den: 2n } } } },
    inner: 'ticket EV 1000000000000.00000 > max ticket EV 0.50000',
  },
  {
    row: '3.4 row 7: unlocking',
    pose: { neighbours: { sender: { withdrawRound: CHAIN.lastInitializedRound + 1n } } },
    inner: 'unable to validate sender: deposit and reserve is set to unlock soon',
  },
  {
    row: '3.4 row 8: reserve',
    pose: { neighbours: { sender: { reserveFundsRemainingWei: 0n } } },
    inner: 'no sender reserve',
  },
  {
    row: '3.4 row 9: deposit',
    pose: { neighbours: { sender: { depositWei: 0n } } },
    inner: 'no sender deposit',
  },
  {
    row: '3.4 row 10: total EV',
    pose: { neighbours: { policy: { maxTotalEvWei: whole(1n) } } },
    inner: 'total ticket EV 1000000000000.00000 for 1 tickets > max total ticket EV 1.00000',
  },
  {
    row: '3.4 row 11: face value',
    pose: { neighbours: { policy: { depositMultiplier: 11n } } },
    inner: `ticket faceValue ${FACE_VALUE} > max faceValue ${10n ** 18n / 11n}`,
  },
];

const INNER = 'remote signer could not check whether to refresh session: ';
const refusalOf = (inner: string) => {
  const message = `${INNER}${inner}`.replaceAll('>', '\\u003e');
  return `{"error":{"message":"${message}","code":"invalid_ticket_params"}}\n`;
};
const REFRESH =
  '{"error":{"message":"refresh session for remote signer","code":"refresh_session"}}\n';

function expectRefusal(answer: Posed, inner: string): void {
  expect([answer.status, answer.text]).toEqual([400, refusalOf(inner)]);
}

function expectRefresh(answer: Posed): void {
  expect([answer.status, answer.text]).toEqual([480, REFRESH]);
  expect(answer.headers.get('livepeer-orchestrator-url')).toBe(TRANSCODER);
}

describe('3.4: refresh', () => {
  const until = (sec: bigint): Pose => ({
    info: { tokenExpirationSec: NOW_NS / NS_PER_SEC + sec },
  });

  test('3.4 refresh token: strictly after its end less 180 s', async () => {
    expectRefresh(await send(surface, until(180n)));
    expect((await send(surface, until(181n))).status).toBe(200);
    surface.neighbours.nowNs = (NOW_NS / NS_PER_SEC) * NS_PER_SEC;
    expect((await send(surface, until(180n))).status).toBe(200);
  });

  test('3.4 refresh params: one block left is too few, two are enough', async () => {
    const left = (blocks: bigint): Pose => ({
      info: { expirationBlock: CHAIN.l1Block + blocks },
    });
    expectRefresh(await send(surface, left(1n)));
    expectRefresh(await send(surface, left(-5n)));
    expect((await send(surface, left(2n))).status).toBe(200);
  });

  test('3.4 refresh missing token: 400, not 480', async () => {
    const answer = await send(surface, { info: { withAuthToken: false } });
    expectRefusal(answer, 'missing auth token');
  });
});

describe('3.4: validation of ticket params, the first fault counts', () => {
  test.each(FAULTS)('$row', async ({ pose, inner }) => {
    expectRefusal(await send(surface, pose), inner);
    expect(surface.tally).toEqual({ holds: 0, signatures: 0, released: 0 });
  });

  test('3.4 row 2: expired params, before all that follow', async () => {
    for (const { pose } of FAULTS.slice(1)) {
      surface.reset();
      const merged = mergePoses({ info: { expirationBlock: CHAIN.l1Block + 1n } }, pose);
      expectRefresh(await send(surface, merged ?? {}));
    }
  });

  test('3.4 row 2: an expiration block of 0 is expired too, and row 1 comes first', async () => {
    const answer = await send(surface, { info: { expirationBlock: 0n } });
    expectRefusal(answer, 'ticketParams expiration block is 0');
  });

  test('3.4 row 3: tickets of no value pass all that follow, and are not bought', async () => {
    for (const { row, pose } of FAULTS.slice(1)) {
      if (row.startsWith('3.4 row 4')) continue;
      surface.reset();
      const merged = mergePoses({ info: { winProb: 0n } }, pose);
      expect((await send(surface, merged ?? {})).status).toBe(482);
    }
  });

  test('3.4 row 6: the sender’s funds are of the last block read; without one, 503', async () => {
    const answer = await send(surface, { neighbours: { hasChain: false } });
    expect([answer.status, answer.text]).toEqual([
      503,
      '{"error":{"message":"Service Unavailable Error","code":"chain_stale"}}\n',
    ]);
  });

  test('all pairs of faults: the earlier one wins', async () => {
    const pairs = FAULTS.flatMap((first, at) =>
      FAULTS.slice(at + 1).map((second) => ({ first, second })),
    );
    for (const { first, second } of pairs) {
      surface.reset();
      const pose = mergePoses(first.pose, second.pose);
      if (pose === undefined) throw new Error(`${first.row} and ${second.row} cannot be merged`);
      // Rows 10 and 11 tell of the numbers of row 9, which is then the first.
      expectRefusal(await send(surface, pose), first.inner);
    }
  });
});

describe('3.4: bounds are inclusive', () => {
  const ev = { num: FACE_VALUE * (MAX_WIN_PROB / 100_000n), den: MAX_WIN_PROB };

  test.each<[string, Pose]>([
    ['3.4 row 5: EV equal to its maximum', { neighbours: { policy: { maxTicketEvWei: ev } } }],
    ['3.4 row 10: total equal to its maximum', { neighbours: { policy: { maxTotalEvWei: ev } } }],
    [
      '3.4 row 11: face value equal to deposit / multiplier, rounded down',
      {
        neighbours: {
          sender: { depositWei: FACE_VALUE * 10n + 9n },
          policy: { depositMultiplier: 10n },
        },
      },
    ],
    [
      '3.4 row 7: the deposit unlocks in two rounds',
      { neighbours: { sender: { withdrawRound: CHAIN.lastInitializedRound + 2n } } },
    ],
  ])('%s', async (_, pose) => {
    expect((await send(surface, pose)).status).toBe(200);
  });
});

describe('3.4: for all tickets of a payment (row 23)', () => {
  const three: Pose = { state: { balance: '-1500000000000' } };

  test('3.4 row 10: a total above its maximum is 500, masked, with a code', async () => {
    const neighbours = { policy: { maxTotalEvWei: whole(2_999_999_999_999n) } };
    const answer = await send(surface, { ...three, neighbours });
    expect([answer.status, answer.text]).toEqual([
      500,
      '{"error":{"message":"Internal Server Error","code":"ticket_validation"}}\n',
    ]);
    expect(surface.tally).toEqual({ holds: 0, signatures: 0, released: 0 });
  });

  test('3.4 row 10: at it, paid', async () => {
    const neighbours = { policy: { maxTotalEvWei: whole(3_000_000_000_000n) } };
    expect((await send(surface, { ...three, neighbours })).status).toBe(200);
  });
});

describe('3.4: defaults', () => {
  test('six tickets of the largest EV are within the total, seven are not', () => {
    const winProb = (MAX_WIN_PROB / 100_000n) * 3n;
    const check = (numTickets: number) =>
      checkTicketParams({
        params: { faceValueWei: FACE_VALUE, winProb, expirationBlock: CHAIN.l1Block + 40n },
        numTickets,
        chain: CHAIN,
        policy: {
          ...surface.neighbours.policy,
          maxTicketEvWei: whole(3_000_000_000_000n),
          maxTotalEvWei: whole(20_000_000_000_000n),
          depositMultiplier: 1n,
        } as never,
      }).result;
    expect([check(6), check(7)]).toEqual(['valid', 'invalid']);
  });
});
