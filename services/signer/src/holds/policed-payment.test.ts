import { randomUUID } from 'node:crypto';
import { type HoldItemWire, holdItemSchema, type Principal } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  CHAIN,
  CUSTODY,
  makeDeps,
  makeRequest,
  NOW_NS,
} from '../payments/fixtures/make-request.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import type { Allowed, EnforcePolicy } from '../policy/enforce-policy.ts';
import type { HoldReply } from './ask-hold.ts';
import { type Kept, type MakePaymentDeps, makePayment } from './make-payment.ts';
import { createOpenAsks } from './open-asks.ts';
import { createSpentGrants } from './spent-grants.ts';

const PRINCIPAL: Principal = {
  appId: 'app_0123456789abcdef01234567',
  subject: 'usr_1',
  userId: 'usr_1',
  attribution: 'direct',
};

let answer: (item: HoldItemWire) => HoldReply;
let stopped: { reason: string } | undefined;
let sign: typeof CUSTODY.signTickets;
let kept: Kept;
let asked: number;
let counts: { spent: number; ended: number };
beforeEach(() => {
  answer = (item) => grant(item, false);
  stopped = undefined;
  sign = CUSTODY.signTickets;
  kept = 'kept';
  asked = 0;
  counts = { spent: 0, ended: 0 };
});

function grant(item: HoldItemWire, replayed: boolean): HoldReply {
  const { rebuild, requestHash } = holdItemSchema.parse(item);
  return { ok: true, holdId: randomUUID(), forkNo: 0, replayed, requestHash, rebuild };
}

/** The code of a payment under this policy, or `ok`. */
async function pay(enforcePolicy: EnforcePolicy): Promise<string> {
  const deps: MakePaymentDeps = {
    plan: makeDeps(),
    enforcePolicy,
    chain: { snapshot: () => CHAIN, ageMs: () => 0 },
    chainMaxAgeMs: 60_000,
    clock: { nowNs: () => NOW_NS, monotonicMs: () => 0 },
    asks: createOpenAsks(),
    spent: createSpentGrants(100),
    askHold: async (item) => {
      asked += 1;
      return answer(item);
    },
    signerOf: () => ({ ...CUSTODY, signTickets: (batch) => sign(batch) }),
    canKeep: () => true,
    stopped: () => stopped,
    keep: async () => kept,
    release: () => undefined,
  };
  const input = { request: makeRequest(), principal: PRINCIPAL, rawHeaders: [] };
  const outcome = await makePayment(deps, input);
  return outcome.ok ? 'ok' : outcome.code;
}

const allow = (): Allowed => ({
  ok: true,
  spend: () => {
    counts.spent += 1;
  },
  end: () => {
    counts.ended += 1;
  },
});

describe('a payment under the operator’s policy', () => {
  test.each<[string, EnforcePolicy]>([
    ['at once', () => refusePlan('policy_face_value')],
    ['after the chain was asked', async () => refusePlan('policy_face_value')],
  ])('refused %s: no money is asked for', async (_, refuse) => {
    expect(await pay(refuse)).toBe('policy_face_value');
    expect(asked).toBe(0);
  });

  test('what left counts, once', async () => {
    expect(await pay(allow)).toBe('ok');
    expect(counts).toEqual({ spent: 1, ended: 1 });
  });

  test('a refused hold does not count', async () => {
    answer = () => ({ ok: false, code: 'app_cap' });
    expect(await pay(allow)).toBe('app_cap');
    expect(counts).toEqual({ spent: 0, ended: 1 });
  });

  test('what the journal did not take does not count; what it may have taken does', async () => {
    kept = 'not_kept';
    expect(await pay(allow)).toBe('unavailable');
    expect(counts).toEqual({ spent: 0, ended: 1 });
    kept = 'unknown';
    expect(await pay(allow)).toBe('unavailable');
    expect(counts).toEqual({ spent: 1, ended: 2 });
  });

  test('a replay does not count again', async () => {
    answer = (item) => grant(item, true);
    expect(await pay(allow)).toBe('ok');
    expect(counts).toEqual({ spent: 0, ended: 1 });
  });

  test('what was stopped or could not be signed does not count', async () => {
    answer = (item) => {
      stopped = { reason: 'meanwhile' };
      return grant(item, false);
    };
    expect(await pay(allow)).toBe('signing_stopped');
    expect(counts).toEqual({ spent: 0, ended: 1 });
    stopped = undefined;
    answer = (item) => grant(item, false);
    sign = () => {
      throw new Error('the curve is broken');
    };
    await expect(pay(allow)).rejects.toThrow('the curve is broken');
    expect(counts).toEqual({ spent: 0, ended: 2 });
  });
});
