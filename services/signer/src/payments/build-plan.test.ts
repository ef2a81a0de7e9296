import { hash } from 'node:crypto';
import { holdItemSchema } from '@clearinghouse/shared';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeState } from '../sessions/decode-state.ts';
import { describeHold } from './describe-hold.ts';
import {
  AUTH_ID,
  CHAIN,
  CUSTODY,
  makeInfo,
  makeRequest,
  makeStateful,
  NOW_NS,
  ORCHESTRATOR,
  plan,
  planned,
  RAND_HASH,
} from './fixtures/make-request.ts';
import { parseRational } from './parse-rational.ts';
import { ceilRational, compareRational } from './rational.ts';

describe('plan of a first call', () => {
  const made = planned(makeRequest());

  test('the new state', () => {
    expect(made.newState).toEqual({
      stateId: made.stateId,
      pmSessionId: `0x${RAND_HASH.toString('hex')}`,
      lastUpdateNs: NOW_NS,
      orchestratorAddress: `0x${ORCHESTRATOR.toString('hex')}`,
      app: '',
      authExpirySec: 0n,
      senderNonce: 1,
      balance: made.newBalance,
      initialPricePerUnit: 1n,
      initialPixelsPerUnit: 1000n,
      type: 'lv2v',
      sequenceNumber: 0n,
      authId: AUTH_ID,
    });
    expect(made.stateId).toMatch(/^[0-9a-f]{32}$/);
    expect(decodeState(made.newStateBytes)).toEqual(made.newState);
  });

  test('sixty seconds of lv2v, and tickets that cover them', () => {
    expect(made).toMatchObject({ units: 1_658_880_000n, billableMs: 60_000n, seq: 0 });
    expect(made.feeWei).toBe(1_658_880n);
    expect(made.tickets).toMatchObject({ nonceFrom: 1, count: 1 });
  });

  test('hashes are of the very bytes', () => {
    expect(made.newStateHash).toBe(hash('sha256', made.newStateBytes, 'hex'));
    expect(made.paymentHash).toBe(hash('sha256', made.unsignedPayment, 'hex'));
  });
});

describe('plan of a later call', () => {
  const made = planned(makeStateful({ sequenceNumber: 6n, senderNonce: 7 }));

  test('sequence, nonce and ids go on', () => {
    expect(made).toMatchObject({ seq: 7, stateId: 'a1b2c3d4', manifestId: 'm1', nonceTo: 8 });
    expect(made.newState).toMatchObject({ sequenceNumber: 7n, senderNonce: 8 });
  });

  test('a cached permission of a go-livepeer signer ends here', () => {
    const request = makeStateful({ authExpirySec: 9_999_999_999n });
    expect(planned(request).newState.authExpirySec).toBe(0n);
  });
});

describe('creation round', () => {
  const own = { creationRound: 3456n, creationBlockHash: CHAIN.blockHashForRound };

  test('of the orchestrator, when it gave both', () => {
    const { tickets } = planned(makeRequest());
    expect(tickets.creationRound).toBe(3455n);
    expect(Buffer.from(tickets.creationBlockHash)).toEqual(Buffer.alloc(32, 0x55));
  });

  test.each([
    { creationRound: 0n },
    { creationBlockHash: Buffer.alloc(32) },
    { creationRound: 0n, creationBlockHash: Buffer.alloc(0) },
  ])('the signer’s own for %o', (parts) => {
    const { tickets, rebuild } = planned(makeRequest({ orchestrator: makeInfo(parts) }));
    expect(tickets).toMatchObject(own);
    expect(rebuild.creationBlockHash).toBe('48'.repeat(32));
  });
});

describe('the hold that asks for the money', () => {
  const principal = { appId: 'app_1', subject: 'usr_1', attribution: 'direct' };

  test.each([
    ['a first call', makeRequest()],
    ['a later call', makeStateful()],
    ['pixels', makeRequest({ type: '', inPixels: 5n })],
    [
      'a model with control characters',
      makeRequest({ orchestrator: makeInfo({ constraint: 'a\u0000b' }) }),
    ],
    ['a model too long', makeRequest({ orchestrator: makeInfo({ constraint: 'x'.repeat(5000) }) })],
  ])('%s fits the contract', (_, request) => {
    const made = planned(request);
    const item = holdItemSchema.parse({ ...describeHold(made), askNo: 1, principal });
    expect(item.rebuild).toEqual(made.rebuild);
    expect(item).toMatchObject({
      seq: made.seq,
      ticketEvWei: made.ticketEvWei,
      sessionCreditWei: made.sessionCreditWei,
      nonceTo: made.nonceTo,
      senderAddress: CUSTODY.address,
    });
    expect(item.usage.units).toBe(made.units);
    expect(item.usage.jobType).toBe(made.opened.type);
  });

  test('pipeline and model come from the price', () => {
    const { usage } = describeHold(planned(makeRequest()));
    expect(usage).toMatchObject({ pipeline: 'live-video-to-video', model: 'streamdiffusion' });
  });
});

describe('plan: properties of its money', () => {
  const inputs = fc.record({
    pricePerUnit: fc.bigInt({ min: 1n, max: 1n << 21n }),
    pixelsPerUnit: fc.bigInt({ min: 1n, max: 1n << 12n }),
    inPixels: fc.bigInt({ min: 1n, max: 1n << 21n }),
    // An EV between 10^10 and 2.5 x 10^12 wei.
    evParts: fc.bigInt({ min: 40_000n, max: 10_000_000n }),
    balanceNum: fc.bigInt({ min: 0n, max: 1n << 36n }),
    balanceDen: fc.bigInt({ min: 1n, max: 1n << 12n }),
  });

  test('nothing is given away, nothing is negative, roundings go up', () => {
    let accepted = 0;
    fc.assert(
      fc.property(inputs, ({ inPixels, evParts, balanceNum, balanceDen, ...price }) => {
        const orchestrator = makeInfo({ ...price, winProb: ((1n << 256n) - 1n) / evParts });
        const { pricePerUnit: initialPricePerUnit, pixelsPerUnit: initialPixelsPerUnit } = price;
        const balance = `${balanceNum}/${balanceDen}`;
        const state = { type: '', balance, initialPricePerUnit, initialPixelsPerUnit };
        const outcome = plan(makeStateful(state, { type: '', inPixels, orchestrator }));
        if (!outcome.ok) return;
        accepted += 1;
        const made = outcome.plan;
        const after = parseRational(made.newBalance);
        if (after === undefined) throw new Error('no fraction');
        expect(after.num >= 0n).toBe(true);
        expect(made.sessionCreditWei).toBe(ceilRational(after));
        expect(made.feeWei).toBe(ceilRational(made.fee));
        // before + tickets = fee + after, exactly
        const ev = made.tickets.faceValueWei * made.tickets.winProb * BigInt(made.tickets.count);
        const max = (1n << 256n) - 1n;
        const paid = { num: ev * balanceDen + balanceNum * max, den: max * balanceDen };
        const got = {
          num: made.fee.num * after.den + after.num * made.fee.den,
          den: made.fee.den * after.den,
        };
        expect(compareRational(paid, got)).toBe(0);
        expect(made.ticketEvWei).toBe(ceilRational({ num: ev, den: max }));
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});
