import { describe, expect, test } from 'vitest';
import { PROTOCOL } from '../limits.ts';
import type { ChainSnapshot, PaymentPolicy } from '../payments/plan.ts';
import { whole } from '../payments/rational.ts';
import { checkTicketParams } from './check-params.ts';

const CHAIN: ChainSnapshot = {
  l1Block: 1000n,
  lastInitializedRound: 50n,
  blockHashForRound: Buffer.alloc(32, 1),
  sender: { depositWei: 1000n, withdrawRound: 0n, reserveFundsRemainingWei: 1n },
};
const POLICY: PaymentPolicy = {
  maxTicketEvWei: whole(300n),
  maxTotalEvWei: whole(1000n),
  depositMultiplier: 1n,
  maxPriceWei: undefined,
  capabilityPrices: new Map(),
  sessionIdleMaxSec: 600,
  sessionReserveSec: 0,
  acceptUnboundState: false,
};
/** An EV just below 100 wei at a face value of 1000. */
const PARAMS = {
  faceValueWei: 1000n,
  winProb: PROTOCOL.maxWinProb / 10n,
  expirationBlock: 1040n,
};

type Overrides = {
  params?: Partial<typeof PARAMS>;
  sender?: Partial<ChainSnapshot['sender']>;
  policy?: Partial<PaymentPolicy>;
  numTickets?: number;
};

function check({ params, sender, policy, numTickets = 1 }: Overrides) {
  return checkTicketParams({
    params: { ...PARAMS, ...params },
    numTickets,
    chain: { ...CHAIN, sender: { ...CHAIN.sender, ...sender } },
    policy: { ...POLICY, ...policy },
  });
}

function fault(overrides: Overrides): string {
  const checked = check(overrides);
  return checked.result === 'valid' ? 'valid' : `${checked.result}: ${checked.message}`;
}

describe('ticket params, validation 1: expiration block 0', () => {
  test.each([0n, 1n << 64n])('%s', (expirationBlock) => {
    const message = 'invalid: ticketParams expiration block is 0';
    expect(fault({ params: { expirationBlock } })).toBe(message);
  });
});

describe('ticket params, validation 2: expired', () => {
  test.each([999n, 1000n, 1001n])('block %s', (expirationBlock) => {
    expect(fault({ params: { expirationBlock } })).toBe('expired: TicketParams expired');
  });

  test('two blocks left are enough', () => {
    expect(fault({ params: { expirationBlock: 1002n } })).toBe('valid');
  });
});

describe('ticket params, validation 3: no expected value is accepted', () => {
  test.each([{ winProb: 0n }, { faceValueWei: 0n }])('%o', (params) => {
    const sender = { depositWei: 0n, reserveFundsRemainingWei: 0n, withdrawRound: 1n };
    expect(fault({ params, sender })).toBe('valid');
  });
});

describe('ticket params, validation 4: a ticket that always wins', () => {
  test('EV equals faceValue', () => {
    const params = { winProb: PROTOCOL.maxWinProb };
    expect(fault({ params })).toBe('invalid: ticket faceValue too low faceValue=1000');
  });

  test('one below always is fine', () => {
    const params = { winProb: PROTOCOL.maxWinProb - 1n };
    expect(fault({ params, policy: { maxTicketEvWei: whole(1000n) } })).toBe('valid');
  });
});

describe('ticket params, validation 5: EV of one ticket', () => {
  test('above the maximum', () => {
    const policy = { maxTicketEvWei: { num: 199n, den: 2n } };
    const message = 'invalid: ticket EV 100.00000 > max ticket EV 99.50000';
    expect(fault({ policy })).toBe(message);
  });

  test('equal to the maximum is fine', () => {
    const policy = { maxTicketEvWei: { num: 1000n * PARAMS.winProb, den: PROTOCOL.maxWinProb } };
    expect(fault({ policy })).toBe('valid');
  });
});

describe('ticket params, validation 7: deposit about to unlock', () => {
  test.each([1n, 50n, 51n])('withdraw round %s at round 50', (withdrawRound) => {
    const message = 'unable to validate sender: deposit and reserve is set to unlock soon';
    expect(fault({ sender: { withdrawRound } })).toBe(`invalid: ${message}`);
  });

  test.each([0n, 52n])('withdraw round %s is fine', (withdrawRound) => {
    expect(fault({ sender: { withdrawRound } })).toBe('valid');
  });
});

describe('ticket params, validations 8 and 9: funds', () => {
  test('no reserve, which counts before no deposit', () => {
    const sender = { reserveFundsRemainingWei: 0n, depositWei: 0n };
    expect(fault({ sender })).toBe('invalid: no sender reserve');
  });

  test('no deposit', () => {
    expect(fault({ sender: { depositWei: 0n } })).toBe('invalid: no sender deposit');
  });
});

describe('ticket params, validation 10: EV of all tickets', () => {
  test('above the maximum', () => {
    const message = 'total ticket EV 1100.00000 for 11 tickets > max total ticket EV 1000.00000';
    expect(fault({ numTickets: 11 })).toBe(`invalid: ${message}`);
  });

  test('at the maximum', () => {
    const num = PARAMS.faceValueWei * PARAMS.winProb * 10n;
    const policy = { maxTotalEvWei: { num, den: PROTOCOL.maxWinProb } };
    expect(fault({ numTickets: 10, policy })).toBe('valid');
    const less = { maxTotalEvWei: { num: num - 1n, den: PROTOCOL.maxWinProb } };
    expect(fault({ numTickets: 10, policy: less })).toMatch(/^invalid: total ticket EV/);
  });
});

describe('ticket params, validation 11: face value against the deposit', () => {
  test('the deposit divided by the multiplier, rounded down', () => {
    const policy = { depositMultiplier: 3n };
    const sender = { depositWei: 3002n };
    expect(fault({ policy, sender })).toBe('valid');
    const message = 'invalid: ticket faceValue 1000 > max faceValue 999';
    expect(fault({ policy, sender: { depositWei: 2999n } })).toBe(message);
  });
});
