import { describe, expect, test } from 'vitest';
import {
  CUSTODY,
  makeInfo,
  makeRequest,
  makeStateful,
  NOW_NS,
  POLICY,
  planned,
} from './fixtures/make-request.ts';
import { rebuildPlan } from './rebuild-plan.ts';
import { signPlan } from './sign-plan.ts';

const DEPS = { policy: POLICY };
/** Another replica, half a minute later, at another block and in another round. */
const ELSEWHERE = {
  nowNs: NOW_NS + 30_000_000_000n,
  chain: {
    l1Block: 21_000_003n,
    lastInitializedRound: 3457n,
    blockHashForRound: Buffer.alloc(32, 0x99),
  },
};
const NO_ROUND = { orchestrator: makeInfo({ creationRound: 0n }) };

describe('replay: the same bytes on another replica', () => {
  test.each([
    ['a first call', makeRequest(NO_ROUND)],
    ['a later call', makeStateful({}, NO_ROUND)],
    ['a first call by the second', makeRequest({ ...NO_ROUND, type: 'live' })],
    ['a fixed payment', makeRequest({ ...NO_ROUND, type: 'fixed' })],
  ])('%s', async (_, request) => {
    const first = planned(request);
    const again = planned(request, ELSEWHERE);
    expect(again.requestHash).toBe(first.requestHash);
    expect(again.paymentHash).not.toBe(first.paymentHash);
    const rebuilt = rebuildPlan(DEPS, again, first.rebuild);
    if (!rebuilt.ok) throw new Error(rebuilt.code);
    const { body } = await signPlan(CUSTODY, first);
    expect((await signPlan(CUSTODY, rebuilt.plan)).body).toEqual(body);
    expect(rebuilt.plan.rebuild).toEqual(first.rebuild);
  });

  test('a record that is the plan’s own needs no work', () => {
    const made = planned(makeRequest());
    expect(rebuildPlan(DEPS, made, { ...made.rebuild })).toEqual({ ok: true, plan: made });
  });
});

describe('replay: a record that does not fit is refused', () => {
  const first = planned(makeStateful({}, NO_ROUND));
  const again = planned(makeStateful({}, NO_ROUND), ELSEWHERE);

  test.each([
    { paymentHash: '0'.repeat(64) },
    { newStateHash: '0'.repeat(64) },
    { newBalance: '99999999999999' },
    { numTickets: 100 },
    { nonceFrom: 1 },
    { stateId: 'other' },
    { manifestId: 'other' },
    { initialPricePerUnit: '2' },
    { initialPixelsPerUnit: '2' },
    { nowNs: NOW_NS + 1n },
    { nowNs: NOW_NS + 10_000_000_000_000n },
    { creationRound: 1n },
    { creationBlockHash: '11'.repeat(32) },
  ])('%o', (change) => {
    const outcome = rebuildPlan(DEPS, again, { ...first.rebuild, ...change });
    expect(outcome).toMatchObject({ ok: false, status: 409, code: 'replay_mismatch' });
  });

  test('a record of another request', () => {
    const other = planned(makeStateful({ balance: '5' }, NO_ROUND));
    const outcome = rebuildPlan(DEPS, again, other.rebuild);
    expect(outcome).toMatchObject({ ok: false, code: 'replay_mismatch' });
  });
});
