import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TRANSCODER } from '../payments/fixtures/make-request.ts';
import { PAYMENT_FAULTS, type PaymentFault } from './fixtures/payment-faults.ts';
import { mergePoses, type Posed, send } from './fixtures/pose-payment.ts';
import { startSurface, type TestSurface } from './fixtures/start-surface.ts';

/** Hundreds of requests, one after the other. */
const PAIRS_TIMEOUT_MS = 60_000;

let surface: TestSurface;
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => surface.reset());

const bytesOf = ({ message, code }: PaymentFault) =>
  `{"error":{"message":"${message}","code":"${code}"}}\n`;

/** Two faults that cannot both be there, next to each other in the table. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  '3.3 row 3, 3.3 row 4': 'an empty orchestrator is not a malformed one',
  '3.3 row 12, after row 12: ManifestID': 'an absent id is not a malformed one',
  'after row 22: balance, 3.3 row 23': 'with no balance to carry on there are no three tickets',
  '3.3 row 21, 3.3 row 22': 'a balance that covers the fee buys no tickets',
  '3.3 row 15, 3.3 row 16': 'an unknown type is not the empty type',
};

describe('3.3: the order of checks of POST /generate-live-payment', () => {
  test('a payment without a fault is made', async () => {
    const answer = await send(surface, {});
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(
      /^\{"payment":"[\w+/=]+","segCreds":"[\w+/=]+","state":\{"State":"[\w+/=]+","Sig":"[\w+/]{87}="\}\}\n$/,
    );
    expect(surface.tally).toEqual({ holds: 1, signatures: 1, released: 0 });
  });

  test.each(PAYMENT_FAULTS)('$row: $what: $status $code', async (fault) => {
    const answer = await send(surface, fault.pose);
    expectAnswer(answer, fault);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const url = fault.status === 480 ? TRANSCODER : null;
    expect(answer.headers.get('livepeer-orchestrator-url')).toBe(url);
    expect(surface.tally.holds).toBe(fault.isAfterHold ? 1 : 0);
    if (!fault.isAfterHold) expect(surface.tally).toMatchObject({ signatures: 0, released: 0 });
  });

  test.each(pairs('adjacent'))('$first.row before $second.row', async ({ first, pose }) => {
    expectAnswer(await send(surface, pose), first);
  });

  test(
    'every other pair: the earlier one wins',
    async () => {
      const others = pairs('others');
      expect(others.length).toBeGreaterThan(600);
      for (const { first, second, pose } of others) {
        surface.reset();
        const answer = await send(surface, pose);
        expect([second.row, answer.status, answer.text]).toEqual([
          second.row,
          first.status,
          bytesOf(first),
        ]);
      }
    },
    PAIRS_TIMEOUT_MS,
  );

  test('adjacent faults that cannot be there at once are those of the list, each with its reason', () => {
    const fought = PAYMENT_FAULTS.slice(1).flatMap((second, index) => {
      const first = PAYMENT_FAULTS[index] as PaymentFault;
      return mergePoses(first.pose, second.pose) ? [] : [`${first.row}, ${second.row}`];
    });
    expect(fought.sort()).toEqual(Object.keys(IMPOSSIBLE).sort());
  });
});

describe('3.3: what else the rows say', () => {
  test('3.3 row 5: negatives are refused like zero', async () => {
    const answer = await send(surface, { info: { pixelsPerUnit: -1n } });
    expect(answer.text).toContain('missing or zero priceInfo');
  });

  test('3.3 row 7: a signature without a state, and a state without a signature', async () => {
    for (const state of [{ Sig: 'AAAA' }, { State: 'e30=' }]) {
      const answer = await send(surface, { fields: { state } });
      expect([answer.status, answer.text]).toEqual([
        400,
        '{"error":{"message":"invalid sig","code":"invalid_sig"}}\n',
      ]);
    }
  });

  test('3.3 row 11: a state without type takes the request’s, and the number goes up by one', async () => {
    const state = { type: '', sequenceNumber: 41n };
    const answer = await send(surface, { state });
    const made = JSON.parse(Buffer.from(JSON.parse(answer.text).state.State, 'base64').toString());
    expect(made).toMatchObject({ Type: 'lv2v', SequenceNumber: 42 });
  });

  test('3.3 row 12: without a state an absent ManifestID is made up', async () => {
    const answer = await send(surface, { isFirst: true, fields: { ManifestID: '' } });
    expect(answer.status).toBe(200);
  });

  test('3.3 row 14: any fault of one ticket’s params, among them the funds', async () => {
    const answer = await send(surface, { neighbours: { sender: { depositWei: 0n } } });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('refresh session: no sender deposit');
  });

  test('3.3 row 20: no balance is shared, so none can fail; text that is none counts as nothing', async () => {
    const answer = await send(surface, { state: { balance: 'Inf' } });
    expect(answer.status).toBe(200);
  });

  test('3.3 row 23: a price that has doubled is found by row 19 already', async () => {
    const answer = await send(surface, { info: { pricePerUnit: 3n } });
    expect(answer.status).toBe(481);
    expect(answer.text).toContain('exceeds initial session price ceiling');
  });

  test('Content-Type of the request is not looked at', async () => {
    const headers = { 'Content-Type': 'image/png' };
    expect((await send(surface, { headers })).status).toBe(200);
  });

  test('500 for a fault of ours, masked, and the hold goes back', async () => {
    const neighbours = {
      signTickets: () => {
        throw new Error('the curve is broken');
      },
    };
    const answer = await send(surface, { neighbours });
    expect([answer.status, answer.text]).toEqual([
      500,
      '{"error":{"message":"Internal Server Error","code":"internal"}}\n',
    ]);
    expect(surface.tally).toMatchObject({ holds: 1, released: 1 });
  });
});

function expectAnswer(answer: Posed, fault: PaymentFault): void {
  expect([answer.status, answer.text]).toEqual([fault.status, bytesOf(fault)]);
}

function pairs(which: 'adjacent' | 'others') {
  return PAYMENT_FAULTS.flatMap((first, at) =>
    PAYMENT_FAULTS.slice(at + 1).flatMap((second, distance) => {
      const pose = mergePoses(first.pose, second.pose);
      const isWanted = (distance === 0) === (which === 'adjacent');
      return pose && isWanted ? [{ first, second, pose }] : [];
    }),
  );
}
