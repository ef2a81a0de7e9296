import type { HoldItemWire, HoldRefusal, Principal } from '@clearinghouse/shared';
import { HOLD_REFUSALS, publicError } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../custody/account.ts';
import { CustodyFault } from '../custody/custody-fault.ts';
import {
  CHAIN,
  CUSTODY,
  makeDeps,
  makeRequest,
  makeStateful,
  NOW_NS,
  TRANSCODER,
} from '../payments/fixtures/make-request.ts';
import type { ChainSnapshot, PlanRefusal } from '../payments/plan.ts';
import type { HoldReply } from './ask-hold.ts';
import {
  type Kept,
  type MakePaymentDeps,
  makePayment,
  type PaymentOutcome,
  type SignedHold,
} from './make-payment.ts';
import { createOpenAsks, type OpenAsks } from './open-asks.ts';
import { createSpentGrants } from './spent-grants.ts';

const HOLD_ID = '018f0000-0000-7000-8000-000000000001';
const PRINCIPAL: Principal = {
  appId: 'app_0123456789abcdef01234567',
  subject: 'usr_1',
  userId: 'usr_1',
  attribution: 'direct',
};

/** A signer whose every neighbour does what the test says. */
type World = {
  answer: (item: HoldItemWire) => HoldReply | Promise<HoldReply>;
  kept: Kept;
  /** Runs when the journal is written. */
  onKeep: () => void;
  canKeep: boolean;
  stopped: { reason: string } | undefined;
  nowMs: number;
  nowNs: bigint;
  chain: ChainSnapshot | undefined;
  chainAgeMs: number;
  sign: Account['signTickets'];
};

let world: World;
let asks: OpenAsks;
let asked: HoldItemWire[];
let kept: SignedHold[];
let signatures: number;
let released: { askNo: number; holdId: string; reason: string }[];
let deps: MakePaymentDeps;

function grant(item: HoldItemWire, change: Record<string, unknown> = {}): HoldReply {
  const { rebuild } = item;
  return {
    ok: true,
    holdId: HOLD_ID,
    forkNo: 0,
    replayed: false,
    requestHash: item.requestHash,
    ...change,
    rebuild: {
      ...rebuild,
      nowNs: BigInt(rebuild.nowNs),
      creationRound: BigInt(rebuild.creationRound),
      feeWei: BigInt(rebuild.feeWei),
      ...(change.rebuild as object),
    },
  } as HoldReply;
}

beforeEach(() => {
  world = {
    answer: (item) => grant(item),
    kept: 'kept',
    onKeep: () => undefined,
    canKeep: true,
    stopped: undefined,
    nowMs: 0,
    nowNs: NOW_NS,
    chain: CHAIN,
    chainAgeMs: 0,
    sign: CUSTODY.signTickets,
  };
  asks = createOpenAsks();
  asked = [];
  kept = [];
  released = [];
  signatures = 0;
  deps = {
    plan: makeDeps(),
    chain: { snapshot: () => world.chain, ageMs: () => world.chainAgeMs },
    chainMaxAgeMs: 60_000,
    clock: { nowNs: () => world.nowNs, monotonicMs: () => world.nowMs },
    asks,
    spent: createSpentGrants(100),
    askHold: async (item) => {
      asked.push(item);
      return world.answer(item);
    },
    signerOf: () => ({
      ...CUSTODY,
      signTickets: (batch) => {
        signatures += 1;
        return world.sign(batch);
      },
    }),
    canKeep: () => world.canKeep,
    stopped: () => world.stopped,
    keep: async (payment) => {
      kept.push(payment);
      world.onKeep();
      return world.kept;
    },
    release: (held) => void released.push(held),
  };
});

const pay = (request = makeRequest()) =>
  makePayment(deps, { request, principal: PRINCIPAL, rawHeaders: [] });

function codeOf(outcome: PaymentOutcome): PlanRefusal['code'] | 'ok' {
  return outcome.ok ? 'ok' : outcome.code;
}

describe('a payment', () => {
  test('is asked for, signed, kept and given out', async () => {
    const outcome = await pay();
    expect(outcome).toMatchObject({ ok: true, tickets: 1 });
    expect(asked[0]).toMatchObject({ askNo: 1, principal: PRINCIPAL, seq: 0 });
    expect(kept[0]).toMatchObject({ askNo: 1, holdId: HOLD_ID, replayed: false });
    expect(kept[0]?.hold).toEqual(asked[0]);
    expect(outcome.ok && outcome.body).toEqual(kept[0]?.signed.body);
  });

  test('stays open until its settlement is acknowledged', async () => {
    await pay();
    expect(asks.size()).toBe(1);
    expect(released).toEqual([]);
  });

  test('is not asked for when it cannot be made', async () => {
    expect(codeOf(await pay(makeRequest({ type: 'x' })))).toBe('invalid_job_type');
    expect(asked).toEqual([]);
    expect(asks.closedUpTo()).toBe(0);
  });

  test.each<[string, Partial<World>, string]>([
    ['no block was ever read', { chain: undefined }, 'chain_stale'],
    ['the chain is too old', { chainAgeMs: 60_001 }, 'chain_stale'],
    ['the journal cannot be written', { canKeep: false }, 'unavailable'],
    ['the operator has stopped signing', { stopped: { reason: 'x' } }, 'signing_stopped'],
  ])('nor when %s', async (_name, change, code) => {
    Object.assign(world, change);
    expect(codeOf(await pay())).toBe(code);
    expect(asked).toEqual([]);
  });

  test('checks of the protocol come before the chain’s age', async () => {
    world.chainAgeMs = 60_001;
    expect(codeOf(await pay(makeRequest({ type: 'x' })))).toBe('invalid_job_type');
  });
});

describe('refusals of billing', () => {
  test.each(HOLD_REFUSALS)('%s: its own status, nothing signed', async (code: HoldRefusal) => {
    world.answer = () => ({ ok: false, code });
    const outcome = await pay();
    expect(outcome).toMatchObject({ ok: false, code, status: publicError(code).status });
    expect(signatures).toBe(0);
    expect(asks.closedUpTo()).toBe(1);
    expect(released).toEqual([]);
  });

  test.each(['nonce_overlap', 'replay_stale'] as const)(
    '%s names the orchestrator',
    async (code) => {
      world.answer = () => ({ ok: false, code });
      const headers = { 'Livepeer-Orchestrator-URL': TRANSCODER };
      expect(await pay()).toMatchObject({ status: 480, headers });
    },
  );

  test.each(['hold_timeout', 'bad_envelope'] as const)('%s: 503', async (code) => {
    world.answer = () => ({ ok: false, code });
    expect(await pay()).toMatchObject({ code, status: 503 });
    expect(signatures).toBe(0);
    expect(asks.closedUpTo()).toBe(1);
  });
});

describe('a grant that is not this payment’s', () => {
  test.each<[string, Record<string, unknown>]>([
    ['of another request', { requestHash: 'f'.repeat(64) }],
    ['of another amount', { rebuild: { feeWei: 1n } }],
    ['of more tickets', { rebuild: { numTickets: 2 } }],
    ['of other nonces', { rebuild: { nonceFrom: 2 } }],
    ['of another payment', { rebuild: { paymentHash: '0'.repeat(64) } }],
    ['of another state', { rebuild: { newStateHash: '0'.repeat(64) } }],
    ['of another moment', { rebuild: { nowNs: NOW_NS + 1n } }],
    ['of another session', { rebuild: { stateId: 'other' } }],
  ])('%s is not signed, and not released', async (_name, change) => {
    world.answer = (item) => grant(item, change);
    expect(await pay()).toMatchObject({ code: 'bad_envelope', status: 503 });
    expect(signatures).toBe(0);
    expect(released).toEqual([]);
    expect(asks.closedUpTo()).toBe(1);
  });

  test('used twice', async () => {
    expect(codeOf(await pay())).toBe('ok');
    expect(codeOf(await pay())).toBe('bad_envelope');
    expect(signatures).toBe(1);
  });
});

describe('a replay', () => {
  const replay = (first: HoldItemWire) => {
    world.answer = (item) => grant({ ...item, rebuild: first.rebuild }, { replayed: true });
  };

  test('gives the same bytes at another time and block', async () => {
    const request = makeStateful();
    const before = await pay(request);
    const [first] = asked;
    if (!first) throw new Error('not asked');
    replay(first);
    world.nowNs += 30_000_000_000n;
    world.chain = { ...CHAIN, lastInitializedRound: 9_999n };
    const again = await pay(request);
    expect(again).toEqual(before);
    expect(kept[1]).toMatchObject({ askNo: 2, replayed: true });
    expect(kept[1]?.hold.rebuild).toEqual(first.rebuild);
  });

  test('that gives another payment is refused', async () => {
    world.answer = (item) =>
      grant(item, { replayed: true, rebuild: { paymentHash: '0'.repeat(64) } });
    expect(await pay()).toMatchObject({ code: 'replay_mismatch', status: 409 });
    expect(signatures).toBe(0);
  });

  test('that fails is left to whoever was granted it first', async () => {
    world.answer = (item) => grant(item, { replayed: true });
    world.kept = 'not_kept';
    expect(codeOf(await pay())).toBe('unavailable');
    expect(released).toEqual([]);
    expect(asks.closedUpTo()).toBe(1);
  });
});

describe('ten seconds after the ask', () => {
  const takes = (ms: number) => {
    world.answer = (item) => {
      world.nowMs += ms;
      return grant(item);
    };
  };

  test('a grant may still be signed', async () => {
    takes(10_000);
    expect(codeOf(await pay())).toBe('ok');
  });

  test('a later one is given back unsigned', async () => {
    takes(10_001);
    expect(await pay()).toMatchObject({ code: 'hold_timeout', status: 503 });
    expect(signatures).toBe(0);
    expect(released).toEqual([{ askNo: 1, holdId: HOLD_ID, reason: 'too_late' }]);
  });

  test('a signature that the disk held up does not leave, and is settled', async () => {
    world.onKeep = () => {
      world.nowMs += 10_001;
    };
    expect(codeOf(await pay())).toBe('hold_timeout');
    expect(kept).toHaveLength(1);
    expect(released).toEqual([]);
    expect(asks.size()).toBe(1);
  });
});

describe('a payment that is granted and fails', () => {
  test('was not kept: released', async () => {
    world.kept = 'not_kept';
    expect(await pay()).toMatchObject({ code: 'unavailable', status: 503 });
    expect(released).toEqual([{ askNo: 1, holdId: HOLD_ID, reason: 'not_journaled' }]);
    expect(asks.size()).toBe(1);
  });

  test('may have been kept: neither released nor closed', async () => {
    world.kept = 'unknown';
    expect(codeOf(await pay())).toBe('unavailable');
    expect(released).toEqual([]);
    expect(asks.size()).toBe(1);
  });

  test('could not be signed: released, and a fault', async () => {
    world.sign = () => {
      throw new Error('the curve is broken');
    };
    await expect(pay()).rejects.toThrow('the curve is broken');
    expect(released).toEqual([{ askNo: 1, holdId: HOLD_ID, reason: 'not_signed' }]);
    expect(kept).toEqual([]);
  });

  test.each(['unavailable', 'wrong_signature'] as const)(
    'custody elsewhere gave no signature (%s): 503, released',
    async (reason) => {
      world.sign = () => Promise.reject(new CustodyFault(reason, 'told'));
      expect(await pay()).toMatchObject({
        status: 503,
        code: 'custody_unavailable',
        detail: `${reason}: told`,
      });
      expect(released).toEqual([{ askNo: 1, holdId: HOLD_ID, reason: 'not_signed' }]);
    },
  );

  test('stopped while custody elsewhere was signing: nothing leaves', async () => {
    world.sign = async (batch) => {
      world.stopped = { reason: 'meanwhile' };
      return CUSTODY.signTickets(batch);
    };
    expect(codeOf(await pay())).toBe('signing_stopped');
    expect(released).toEqual([{ askNo: 1, holdId: HOLD_ID, reason: 'stopped' }]);
    expect(kept).toEqual([]);
  });

  test('custody elsewhere signed too late: nothing leaves', async () => {
    world.sign = async (batch) => {
      world.nowMs += 10_001;
      return CUSTODY.signTickets(batch);
    };
    expect(codeOf(await pay())).toBe('hold_timeout');
    expect(released).toEqual([{ askNo: 1, holdId: HOLD_ID, reason: 'too_late' }]);
    expect(kept).toEqual([]);
  });
});
