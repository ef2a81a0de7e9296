import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Rational, whole } from '../payments/rational.ts';
import { mergePoses, type Pose, type Posed, send } from './fixtures/pose-payment.ts';
import { startSurface, type TestSurface } from './fixtures/start-surface.ts';

let surface: TestSurface;
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => surface.reset());

const UNITS = { live: 'seconds', lv2v: '720p-pixel-seconds', fixed: 'fixed' } as const;

const withMax = (maxPrice: unknown, type = 'lv2v'): Pose => ({
  state: { type },
  fields: { type, maxPrice, inPixels: 1 },
});
const ceiling = (price: unknown): Pose =>
  withMax({ price, currency: 'wei', unit: '720p-pixel-seconds' });
const configured = (maxPriceWei: Rational): Pose => ({ neighbours: { policy: { maxPriceWei } } });
const both = (a: Pose, b: Pose): Pose => mergePoses(a, b) ?? {};

function expectRefusal(answer: Posed, status: number, message: string): void {
  const code = status === 481 ? 'price_exceeded' : 'invalid_max_price';
  expect([answer.status, answer.text]).toEqual([
    status,
    `{"error":{"message":"${message}","code":"${code}"}}\n`,
  ]);
  expect(surface.tally.holds).toBe(0);
}

describe('3.6: what a maxPrice must be, in this order', () => {
  test.each([0, -1, '0', '-1', '0.0', '1e-2000'])('3.6 price: %j', async (price) => {
    const answer = await send(surface, withMax({ price, currency: 'usd', unit: 'x' }));
    expectRefusal(answer, 400, 'maxPrice.price must be a positive decimal');
  });

  test('3.6 price: absent', async () => {
    expectRefusal(
      await send(surface, withMax({})),
      400,
      'maxPrice.price must be a positive decimal',
    );
  });

  test.each(['usd', '', 'gwei', 'wei2'])('3.6 currency: %j', async (currency) => {
    const answer = await send(surface, withMax({ price: 1, currency, unit: 'x' }, ''));
    expectRefusal(answer, 400, 'maxPrice.currency must be wei');
  });

  test('3.6 type: a job without type has no unit', async () => {
    const answer = await send(surface, withMax({ price: 1, currency: 'wei', unit: 'x' }, ''));
    expectRefusal(answer, 400, 'maxPrice requires payment type live, lv2v, or fixed');
  });

  test.each(Object.entries(UNITS))('3.6 unit: %s is paid by %s', async (type, unit) => {
    for (const wrong of ['', 'wei', unit.toUpperCase(), ...Object.values(UNITS)]) {
      surface.reset();
      if (wrong === unit) continue;
      const answer = await send(surface, withMax({ price: 1, currency: 'wei', unit: wrong }, type));
      expectRefusal(answer, 400, `maxPrice.unit must be ${unit} for payment type ${type}`);
    }
    surface.reset();
    expect(
      (await send(surface, withMax({ price: 1, currency: 'wei', unit }, type))).status,
    ).not.toBe(400);
  });

  test('3.6 currency: blanks and capitals are nothing', async () => {
    const maxPrice = { price: 1, currency: ' WEI\t', unit: '720p-pixel-seconds' };
    expect((await send(surface, withMax(maxPrice))).status).toBe(200);
  });

  test('3.6 price: a number, or a text that holds one', async () => {
    expect((await send(surface, ceiling('1e3'))).status).toBe(200);
    expect((await send(surface, ceiling(1e3))).status).toBe(200);
    expect((await send(surface, ceiling(' 1'))).text).toContain('invalid_json');
  });
});

describe('3.6: the lowest ceiling counts, and is named', () => {
  const dear: Pose = { info: { pricePerUnit: 2n, pixelsPerUnit: 1n } };
  const initial: Pose = { state: { initialPricePerUnit: 2n, initialPixelsPerUnit: 1n } };

  test('3.6 ceiling configured', async () => {
    const answer = await send(surface, both(both(dear, initial), configured(whole(1n))));
    const message = 'orchestrator price 2.000 exceeds configured maximum price ceiling 1.000';
    expectRefusal(answer, 481, message);
  });

  test('3.6 ceiling request', async () => {
    const answer = await send(surface, both(both(dear, initial), ceiling('1.9995')));
    expectRefusal(answer, 481, 'orchestrator price 2.000 exceeds request maxPrice ceiling 2.000');
  });

  test('3.6 ceiling initial: only with a state', async () => {
    const message = 'orchestrator price 2.000 exceeds initial session price ceiling 0.001';
    expectRefusal(await send(surface, dear), 481, message);
    surface.reset();
    expect((await send(surface, { ...dear, isFirst: true })).status).not.toBe(481);
  });

  test('3.6 tie: the earlier source is named', async () => {
    const all = both(both(both(dear, configured(whole(1n))), ceiling(1)), {
      state: { initialPricePerUnit: 1n, initialPixelsPerUnit: 1n },
    });
    expect((await send(surface, all)).text).toContain('configured maximum price ceiling 1.000');
    surface.reset();
    const { neighbours: _, ...rest } = all;
    expect((await send(surface, rest)).text).toContain('request maxPrice ceiling 1.000');
  });

  test('3.6 equal: a price at the ceiling is fine', async () => {
    const at = configured({ num: 1n, den: 1000n });
    expect((await send(surface, both(at, ceiling('0.001')))).status).toBe(200);
  });

  test('3.6 expected_price: the current price is sent, the initial one is charged', async () => {
    const answer = await send(surface, { info: { pricePerUnit: 1n, pixelsPerUnit: 2000n } });
    const payment = Buffer.from(JSON.parse(answer.text).payment, 'base64').toString('hex');
    // PriceInfo: pricePerUnit 1, pixelsPerUnit 2000.
    expect(payment).toContain('080110d00f');
    const state = JSON.parse(Buffer.from(JSON.parse(answer.text).state.State, 'base64').toString());
    expect([state.InitialPricePerUnit, state.InitialPixelsPerUnit]).toEqual([1, 1000]);
  });
});
