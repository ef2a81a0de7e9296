import { SigningKey, Wallet } from 'ethers';
import { beforeEach, describe, expect, it } from 'vitest';
import { compare, multiply, rational, subtract, ZERO } from '../amounts/rational.ts';
import {
  gatewaySign,
  type MadePayment,
  makePayment,
  type PaymentPlan,
  toHeaders,
} from '../sender/make-payment.ts';
import { expectedValue } from '../tickets/ticket.ts';
import { decodeOrchestratorInfo, decodePaymentResult } from '../wire/convert-orchestrator-info.ts';
import { bytesField } from '../wire/fields.ts';
import type { OrchestratorInfo, TicketParams } from '../wire/messages.ts';
import { createOrchestrator, type Orchestrator } from './create-orchestrator.ts';
import type { PaymentReceipt } from './take-payment.ts';
import type { OrchestratorSession } from './terms.ts';

const key = new SigningKey(`0x${'11'.repeat(32)}`);
const sender = new Wallet(key);
const RECIPIENT = `0x${'ab'.repeat(20)}`;
const TERMS = {
  price: { pricePerUnit: 48n, pixelsPerUnit: 1000n },
  faceValueWei: 20_000_000_000_000n,
  evWei: 1_000_000_000_000n,
};

/** The chain and the clock, as the test sets them. */
type World = { block: bigint; nowSec: number; withdrawRound: bigint; isActive: boolean };

let world: World;
let orchestrator: Orchestrator;
let session: OrchestratorSession;
let info: OrchestratorInfo;

beforeEach(async () => {
  world = { block: 1_000n, nowSec: 1_800_000_000, withdrawRound: 0n, isActive: true };
  orchestrator = makeOrchestrator();
  session = openSession();
  info = decodeOrchestratorInfo(await orchestrator.infoOf(session));
});

function makeOrchestrator(offeredBits?: readonly bigint[]): Orchestrator {
  let seed = 0;
  return createOrchestrator({
    secret: Buffer.alloc(32, 7),
    recipient: RECIPIENT,
    serviceUrl: 'https://orch.example:8935',
    chain: {
      lastSeenL1Block: async () => world.block,
      currentRound: async () => ({ number: 10n, blockHash: Buffer.alloc(32, 9) }),
      withdrawRoundOf: async () => world.withdrawRound,
      isActive: async () => world.isActive,
    },
    nowSec: () => world.nowSec,
    random: (bytes) => {
      seed += 1;
      return Buffer.alloc(bytes, seed);
    },
    ...(offeredBits === undefined ? {} : { offeredBits }),
  });
}

function openSession(): OrchestratorSession {
  const signature = gatewaySign(key, Buffer.from(sender.address, 'ascii'));
  const proof = {
    address: sender.address,
    signature: `0x${Buffer.from(signature).toString('hex')}`,
  };
  const opened = orchestrator.openSession(proof, TERMS);
  if (opened === undefined) throw new Error('the proof was refused');
  return opened;
}

function plan(nonces: readonly number[] = [1, 2, 3]): PaymentPlan {
  return { key, info, manifestId: session.sessionId, nonces };
}

async function pay(made: MadePayment): Promise<PaymentReceipt> {
  return orchestrator.pay(toHeaders(made));
}

async function reasonOf(made: MadePayment): Promise<string> {
  const receipt = await pay(made);
  return receipt.ok ? 'accepted' : receipt.reason;
}

/** Changes the ticket params after signing. */
function withParams(made: MadePayment, change: Partial<TicketParams>): MadePayment {
  const { ticketParams } = made.payment;
  if (ticketParams === undefined) throw new Error('no ticket params');
  return { ...made, payment: { ...made.payment, ticketParams: { ...ticketParams, ...change } } };
}

describe('opening a session', () => {
  it('refuses a proof over the lower-case address', () => {
    const signature = gatewaySign(key, Buffer.from(sender.address.toLowerCase(), 'ascii'));
    const proof = {
      address: sender.address,
      signature: `0x${Buffer.from(signature).toString('hex')}`,
    };
    expect(orchestrator.openSession(proof, TERMS)).toBeUndefined();
  });
});

describe('an honest payment', () => {
  it('is credited ticket by ticket, exactly, and answered with fresh params', async () => {
    const receipt = await pay(makePayment(plan()));
    if (!receipt.ok) throw new Error(receipt.reason);
    const ev = expectedValue(info.ticketParams);
    expect(receipt.ticketsAccepted).toBe(3);
    expect(receipt.credit).toEqual(multiply(ev, rational(3n)));
    const account = { sender: sender.address, manifestId: session.sessionId };
    expect(orchestrator.balanceOf(account)).toEqual(receipt.credit);
    const fresh = decodeOrchestratorInfo(decodePaymentResult(receipt.result));
    expect(fresh.authToken.sessionId).toBe(session.sessionId);
    expect(fresh.ticketParams.recipientRandHash).not.toEqual(info.ticketParams.recipientRandHash);
  });

  it('is debited at its price until it no longer covers the work', async () => {
    await pay(makePayment(plan([1])));
    const account = { sender: sender.address, manifestId: session.sessionId };
    const before = orchestrator.balanceOf(account);
    expect(orchestrator.debit({ ...account, units: 1_000n })).toBe(true);
    expect(subtract(before, orchestrator.balanceOf(account))).toEqual(rational(48n));
    expect(orchestrator.debit({ ...account, units: 1_000_000_000_000_000n })).toBe(false);
    expect(orchestrator.debit({ ...account, manifestId: 'other', units: 1n })).toBe(false);
  });

  it("is credited under the orchestrator's own id when it opens a job", async () => {
    const receipt = await orchestrator.pay(toHeaders(makePayment(plan([1]))), 'request-id');
    expect(receipt.ok && receipt.manifestId).toBe('request-id');
    const named = { sender: sender.address, manifestId: session.sessionId };
    expect(compare(orchestrator.balanceOf(named), ZERO)).toBe(0);
  });

  it('wins with about the probability that its terms promise', async () => {
    const nonces = Array.from({ length: 600 }, (_, index) => index + 1);
    const receipt = await pay(makePayment(plan(nonces)));
    if (!receipt.ok) throw new Error(receipt.reason);
    // 600 draws at 1/20: mean 30, deviation 5.3; the key and the seed are fixed.
    expect(receipt.winners).toBeGreaterThan(10);
    expect(receipt.winners).toBeLessThan(50);
    expect(orchestrator.totals().winners).toHaveLength(receipt.winners);
  });
});

describe('headers that cannot be read', () => {
  it.each([
    ['payment_malformed', 402, { payment: '?', segment: '' }],
    ['payment_malformed', 402, { payment: 'Cv8=', segment: '' }],
    ['segment_malformed', 403, { payment: '', segment: 'Cv8=' }],
  ] as const)('are refused as %s with %i', async (reason, status, headers) => {
    expect(await orchestrator.pay(headers)).toEqual({ ok: false, status, reason });
  });
});

describe('segment credentials', () => {
  it('of another manifest than was signed are refused', async () => {
    const made = makePayment(plan());
    const segment = { ...made.segment, manifestId: Buffer.from('other') };
    expect(await reasonOf({ ...made, segment })).toBe('segment_signature');
  });

  it('without, with a forged and with an expired auth token are refused', async () => {
    const made = makePayment(plan());
    const without = { ...made, segment: { ...made.segment, authToken: undefined } };
    expect(await reasonOf(without)).toBe('auth_token_missing');
    const longer = { ...info.authToken, expirationSec: info.authToken.expirationSec + 1n };
    const forged = { ...made, segment: { ...made.segment, authToken: longer } };
    expect(await reasonOf(forged)).toBe('auth_token_forged');
    world.nowSec += 1801;
    expect(await reasonOf(made)).toBe('auth_token_expired');
  });

  it('asking for a capability that is not offered are refused', async () => {
    orchestrator = makeOrchestrator([0b01n]);
    session = openSession();
    info = decodeOrchestratorInfo(await orchestrator.infoOf(session));
    const asking = (bits: number): PaymentPlan => ({
      ...plan([bits]),
      capabilities: bytesField(1, Uint8Array.from([bits])),
    });
    expect(await reasonOf(makePayment(asking(0b10)))).toBe('capabilities_incompatible');
    expect(await reasonOf(makePayment(asking(0b01)))).toBe('accepted');
  });
});

describe('terms that were changed', () => {
  it('by the price are refused: the price is bound into the rand', async () => {
    const made = makePayment(plan());
    const expectedPrice = { pricePerUnit: 49n, pixelsPerUnit: 1000n };
    const cheaper = { ...made, payment: { ...made.payment, expectedPrice } };
    expect(await reasonOf(cheaper)).toBe('rand_mismatch');
  });

  it('by an unreduced but equal price are accepted', async () => {
    const made = makePayment(plan());
    const expectedPrice = { pricePerUnit: 96n, pixelsPerUnit: 2000n };
    expect(await reasonOf({ ...made, payment: { ...made.payment, expectedPrice } })).toBe(
      'accepted',
    );
  });

  it.each([
    ['rand_mismatch', { faceValue: 1n }],
    ['rand_mismatch', { winProb: 1n }],
    ['rand_mismatch', { seed: 1n }],
    ['rand_mismatch', { expirationBlock: 1_000_000n }],
    ['rand_mismatch', { recipientRandHash: Buffer.alloc(32, 1) }],
    ['wrong_recipient', { recipient: Buffer.alloc(20, 1) }],
  ] as const)('are refused as %s: %o', async (reason, change) => {
    expect(await reasonOf(withParams(makePayment(plan()), change))).toBe(reason);
  });

  it('by the creation round are refused', async () => {
    const made = makePayment(plan());
    const expirationParams = { ...made.payment.expirationParams, creationRound: 11n };
    expect(await reasonOf({ ...made, payment: { ...made.payment, expirationParams } })).toBe(
      'rand_mismatch',
    );
  });
});

describe('a payment that lacks something', () => {
  it('is refused for it', async () => {
    const made = makePayment(plan());
    const { payment } = made;
    const withoutParams = { ...made, payment: { ...payment, ticketParams: undefined } };
    expect(await reasonOf(withoutParams)).toBe('ticket_params_missing');
    const withoutPrice = { ...made, payment: { ...payment, expectedPrice: undefined } };
    expect(await reasonOf(withoutPrice)).toBe('expected_price_invalid');
    world.isActive = false;
    expect(await reasonOf(made)).toBe('recipient_inactive');
  });

  it('in the sender fails at the credentials already', async () => {
    const made = makePayment(plan());
    const anonymous = { ...made, payment: { ...made.payment, sender: new Uint8Array(20) } };
    expect(await reasonOf(anonymous)).toBe('segment_signature');
  });
});

describe("the sender's unlock", () => {
  it('within the next round is refused, later is not', async () => {
    world.withdrawRound = 11n;
    expect(await reasonOf(makePayment(plan()))).toBe('sender_unlocking');
    world.withdrawRound = 12n;
    expect(await reasonOf(makePayment(plan()))).toBe('accepted');
  });
});

describe('ticket signatures', () => {
  it('of another key are refused, and nothing after them is credited', async () => {
    const made = makePayment(plan([1, 2, 3]));
    const [first, , third] = made.payment.tickets;
    if (first === undefined || third === undefined) throw new Error('three tickets were made');
    const second = { nonce: 2, sig: first.sig };
    const tickets = [first, second, third];
    expect(await reasonOf({ ...made, payment: { ...made.payment, tickets } })).toBe(
      'ticket_signature',
    );
    expect(orchestrator.totals().ticketsAccepted).toBe(1);
  });
});

describe('nonces', () => {
  it('are good once', async () => {
    expect(await reasonOf(makePayment(plan([1])))).toBe('accepted');
    expect(await reasonOf(makePayment(plan([1])))).toBe('nonce_seen');
    expect(await reasonOf(makePayment(plan([2, 2])))).toBe('nonce_seen');
    expect(orchestrator.totals().ticketsAccepted).toBe(2);
  });

  it('that won are kept as winners once, however often the payment comes', async () => {
    const nonces = Array.from({ length: 100 }, (_, index) => index + 1);
    const made = makePayment(plan(nonces));
    const receipt = await pay(made);
    if (!receipt.ok) throw new Error(receipt.reason);
    const [winner] = orchestrator.totals().winners;
    if (winner === undefined) throw new Error('nothing was won');
    const { senderNonce } = winner.ticket;
    expect(await reasonOf(makePayment(plan([senderNonce])))).toBe('nonce_seen');
    expect(orchestrator.totals().winners).toHaveLength(receipt.winners);
  });

  it('end at 600 for one recipientRand', async () => {
    const nonces = Array.from({ length: 600 }, (_, index) => index + 1);
    expect(await reasonOf(makePayment(plan(nonces)))).toBe('accepted');
    expect(await reasonOf(makePayment(plan([601])))).toBe('nonces_exhausted');
  });
});

describe('expired params', () => {
  it('are refused from their expiration block on', async () => {
    world.block = 1_039n;
    expect(await reasonOf(makePayment(plan([1])))).toBe('accepted');
    world.block = 1_040n;
    expect(await reasonOf(makePayment(plan([2])))).toBe('params_expired');
    expect(orchestrator.totals().refusals.get('params_expired')).toBe(1);
  });
});
