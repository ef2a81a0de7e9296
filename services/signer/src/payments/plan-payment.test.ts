import { describe, expect, test } from 'vitest';
import { encodeState } from '../sessions/encode-state.ts';
import {
  AUTH_ID,
  CHAIN,
  CUSTODY,
  makeInfo,
  makeRequest,
  makeState,
  makeStateful,
  NOW_NS,
  type PlanChange,
  plan,
  planned,
  TRANSCODER,
} from './fixtures/make-request.ts';
import { whole } from './rational.ts';

type Request = Parameters<typeof plan>[0];

/** Status, code and message of a refusal, in one text. */
function refusal(request: Request, change: PlanChange = {}): string {
  const outcome = plan(request, change);
  return outcome.ok ? 'accepted' : `${outcome.status} ${outcome.code}: ${outcome.message}`;
}

const INNER = '400 invalid_ticket_params: remote signer could not check whether to refresh session';
const REFRESH = '480 refresh_session: refresh session for remote signer';

describe('3.3 row 3: orchestrator is there', () => {
  test('missing', () => {
    const request = makeRequest({ orchestrator: new Uint8Array(0), stateSig: Buffer.alloc(1) });
    expect(refusal(request)).toBe('400 missing_orchestrator: missing orchestrator');
  });
});

describe('3.3 row 4: orchestrator parses', () => {
  test('not protobuf', () => {
    const request = makeRequest({ orchestrator: Buffer.from('AQI=', 'base64') });
    expect(refusal(request)).toMatch(/^400 invalid_orchestrator: proto:/);
  });
});

describe('3.3 row 5: price', () => {
  test.each([
    { withPrice: false },
    { pricePerUnit: 0n },
    { pixelsPerUnit: 0n },
    { pricePerUnit: -1n },
    { pixelsPerUnit: -1n },
    { pricePerUnit: -1n, pixelsPerUnit: -1n },
  ])('%o', (parts) => {
    const request = makeRequest({ orchestrator: makeInfo({ withTicketParams: false, ...parts }) });
    expect(refusal(request)).toBe('400 missing_price_info: missing or zero priceInfo');
  });
});

describe('3.3 row 6: ticket params', () => {
  test('missing', () => {
    const orchestrator = makeInfo({ withTicketParams: false });
    const request = makeStateful({}, { orchestrator, stateSig: Buffer.alloc(65) });
    const message = '400 missing_ticket_params: missing ticketParams in OrchestratorInfo';
    expect(refusal(request)).toBe(message);
  });
});

describe('3.3 row 7: state signature', () => {
  const state = makeStateful();

  test.each([
    ['no signature', { ...state, stateSig: new Uint8Array(0) }],
    ['no state', { ...state, stateBytes: new Uint8Array(0) }],
    ['another state', { ...state, stateBytes: encodeState(makeState({ balance: '9999999' })) }],
    ['a short one', { ...state, stateSig: state.stateSig.subarray(0, 64) }],
    ['a state beyond the limit', { ...state, stateBytes: Buffer.alloc(9000, 0x20) }],
  ])('%s', (_, request) => {
    expect(refusal(request)).toBe('400 invalid_sig: invalid sig');
  });
});

describe('3.3 row 8: state parses', () => {
  test('a signed text that is no state', () => {
    const stateBytes = Buffer.from(`{"StateID":5${' '.repeat(200)}}`);
    const stateSig = CUSTODY.signState(stateBytes);
    expect(refusal(makeStateful({}, { stateBytes, stateSig }))).toBe(
      '400 invalid_state: invalid state',
    );
  });
});

describe('3.3 after row 8: the session is the caller’s own', () => {
  test('another subject', () => {
    const request = makeStateful({ authId: 'app_0:usr_2', app: 'other' });
    expect(refusal(request)).toMatch(/^403 auth_id_mismatch:/);
  });

  test('an unbound state, unless the operator takes them', () => {
    const request = makeStateful({ authId: '' });
    expect(refusal(request)).toMatch(/^403 auth_id_mismatch:/);
    expect(refusal(request, { policy: { acceptUnboundState: true } })).toBe('accepted');
    const bound = planned(request, { policy: { acceptUnboundState: true } });
    expect(bound.newState.authId).toBe(AUTH_ID);
  });

  test('a bound state stays bound even then', () => {
    const request = makeStateful({ authId: 'app_0:usr_2' });
    expect(refusal(request, { policy: { acceptUnboundState: true } })).toMatch(/^403/);
  });
});

describe('3.3 row 9: orchestrator address', () => {
  test('another orchestrator', () => {
    const orchestrator = makeInfo({ address: Buffer.alloc(20, 1) });
    const request = makeStateful({ app: 'other' }, { orchestrator });
    const message = '400 orchestrator_mismatch: orchestratorAddress mismatch';
    expect(refusal(request)).toBe(message);
  });
});

describe('3.3 row 10: app', () => {
  test.each(['A', 'a ', ''])('%j is not the app "a"', (app) => {
    const request = makeStateful({ app: 'a' }, { app, type: 'live' });
    expect(refusal(request)).toBe('400 app_mismatch: app mismatch');
  });

  test('kept in the new state', () => {
    expect(planned(makeStateful({ app: 'a' }, { app: 'a' })).newState.app).toBe('a');
  });
});

describe('3.3 row 11: job type', () => {
  test('another type', () => {
    const request = makeStateful({}, { type: 'live', manifestId: '' });
    expect(refusal(request)).toBe('400 job_type_mismatch: job type mismatch');
  });

  test('a state without type takes the request’s', () => {
    expect(planned(makeStateful({ type: '' })).newState.type).toBe('lv2v');
  });
});

describe('3.3 row 12: ManifestID', () => {
  const bad = { capabilities: Buffer.from([0xff]) };

  test('missing with a state', () => {
    const request = makeStateful({}, { manifestId: '', ...bad });
    expect(refusal(request)).toBe('400 missing_manifest_id: missing manifestID');
  });

  test.each(['a b', 'a'.repeat(65), 'é', '\u0000'.repeat(168)])('%j is not one', (manifestId) => {
    expect(refusal(makeRequest({ manifestId, ...bad }))).toMatch(/^400 invalid_manifest_id:/);
  });

  test('made up on a first call without one, and the same again for a retry', () => {
    const first = planned(makeRequest()).manifestId;
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(planned(makeRequest(), { nowNs: NOW_NS + 1n }).manifestId).toBe(first);
  });
});

describe('3.3 row 13: capabilities parse', () => {
  test('not protobuf', () => {
    const orchestrator = makeInfo({ withAuthToken: false });
    const request = makeRequest({ capabilities: Buffer.from([0xff]), orchestrator });
    expect(refusal(request)).toMatch(/^400 invalid_capabilities: proto:/);
  });
});

describe('3.3 row 14: refresh', () => {
  const nowSec = NOW_NS / 1_000_000_000n;

  function tokenUntil(tokenExpirationSec: bigint): Request {
    return makeRequest({ orchestrator: makeInfo({ tokenExpirationSec }), type: 'other' });
  }

  test('the auth token ends within 180 s', () => {
    expect(refusal(tokenUntil(nowSec + 180n))).toBe(REFRESH);
    expect(refusal(tokenUntil(nowSec + 181n))).not.toBe(REFRESH);
  });

  test('exactly 180 s left is enough: strictly after', () => {
    const at = { nowNs: nowSec * 1_000_000_000n };
    expect(refusal(tokenUntil(nowSec + 180n), at)).not.toBe(REFRESH);
    expect(refusal(tokenUntil(nowSec + 180n), { nowNs: at.nowNs + 1n })).toBe(REFRESH);
  });

  test('the ticket params end', () => {
    const orchestrator = makeInfo({ expirationBlock: CHAIN.l1Block + 1n });
    expect(refusal(makeRequest({ orchestrator, type: 'other' }))).toBe(REFRESH);
  });

  test('the answer names the orchestrator', () => {
    const outcome = plan(tokenUntil(0n));
    expect(outcome).toMatchObject({ headers: { 'Livepeer-Orchestrator-URL': TRANSCODER } });
  });

  test('no auth token', () => {
    const orchestrator = makeInfo({ withAuthToken: false });
    expect(refusal(makeRequest({ orchestrator }))).toBe(`${INNER}: missing auth token`);
  });

  test('any other fault of one ticket', () => {
    const request = makeRequest({ type: 'other' });
    expect(refusal(request, { sender: { depositWei: 0n } })).toBe(`${INNER}: no sender deposit`);
    const orchestrator = makeInfo({ expirationBlock: 0n });
    const zero = 'ticketParams expiration block is 0';
    expect(refusal(makeRequest({ orchestrator }))).toBe(`${INNER}: ${zero}`);
  });

  test('before any block was read: 503, not a guess', () => {
    expect(refusal(makeRequest(), { chain: 'none' })).toMatch(/^503 chain_stale:/);
    const unparsable = makeRequest({ capabilities: Buffer.from([0xff]) });
    expect(refusal(unparsable, { chain: 'none' })).toMatch(/^400/);
  });
});

describe('3.3 row 15: job type', () => {
  test.each(['other', 'LV2V', 'constructor'])('%j', (type) => {
    expect(refusal(makeRequest({ type }))).toBe('400 invalid_job_type: invalid job type');
  });

  test.each(['lv2v', 'live', 'fixed'])('%j', (type) => {
    expect(refusal(makeRequest({ type }))).toBe('accepted');
  });
});

describe('3.3 row 16: something to bill', () => {
  const maxPrice = { price: '', currency: '', unit: '' };

  test.each([0n, -5n])('no type and %s pixels', (inPixels) => {
    const message = '400 missing_units: missing billable unit or job type';
    expect(refusal(makeRequest({ type: '', inPixels, maxPrice }))).toBe(message);
  });

  test('no type and pixels', () => {
    expect(planned(makeRequest({ type: '', inPixels: 3n })).units).toBe(3n);
  });

  test('a session idle for too long', () => {
    const request = makeStateful({ lastUpdateNs: NOW_NS - 601_000_000_000n }, { maxPrice });
    expect(refusal(request)).toMatch(/^400 session_idle: .*start a new session/);
  });

  test('five minutes of refusals, then paid on', () => {
    const request = makeStateful({ lastUpdateNs: NOW_NS - 300_000_000_000n });
    expect(planned(request).units).toBe(300n * 27_648_000n);
  });
});

describe('3.3 row 17: request maxPrice', () => {
  test('checked before the state’s price', () => {
    const maxPrice = { price: '1', currency: 'usd', unit: '' };
    const request = makeStateful({ initialPricePerUnit: 0n }, { maxPrice });
    expect(refusal(request)).toBe('400 invalid_max_price: maxPrice.currency must be wei');
  });
});

describe('3.3 row 18: initial price in the state', () => {
  test.each([
    { initialPricePerUnit: 0n },
    { initialPixelsPerUnit: 0n },
    { initialPricePerUnit: -1n },
    { initialPixelsPerUnit: -1n },
  ])('%o', (state) => {
    const message = '400 invalid_initial_price: invalid initial price in state';
    expect(refusal(makeStateful(state))).toBe(message);
  });
});

describe('3.3 row 19: price ceilings', () => {
  const orchestrator = makeInfo({ pricePerUnit: 2n, pixelsPerUnit: 1n });

  test('configured', () => {
    const message = 'orchestrator price 2.000 exceeds configured maximum price ceiling 1.000';
    const policy = { maxPriceWei: whole(1n) };
    expect(refusal(makeRequest({ orchestrator }), { policy })).toBe(
      `481 price_exceeded: ${message}`,
    );
  });

  test('of the request', () => {
    const maxPrice = { price: '1.999', currency: 'wei', unit: '720p-pixel-seconds' };
    const message = 'orchestrator price 2.000 exceeds request maxPrice ceiling 1.999';
    const request = makeRequest({ orchestrator, maxPrice });
    expect(refusal(request)).toBe(`481 price_exceeded: ${message}`);
  });

  test('of the session', () => {
    const message = 'orchestrator price 2.000 exceeds initial session price ceiling 0.001';
    const request = makeStateful({}, { orchestrator });
    expect(refusal(request)).toBe(`481 price_exceeded: ${message}`);
  });

  test('a lower price than the initial one: the fee stays at the initial one', () => {
    const cheap = makeInfo({ pricePerUnit: 1n, pixelsPerUnit: 2000n });
    const made = planned(makeStateful({}, { orchestrator: cheap }));
    expect(made.fee).toEqual({ num: 276_480_000n, den: 1000n });
    expect(made.newState.initialPixelsPerUnit).toBe(1000n);
  });
});

describe('3.3 row 21: tickets to buy', () => {
  test('the carried balance covers it', () => {
    const request = makeStateful({ balance: '2000000000000' });
    expect(refusal(request)).toBe('482 no_tickets: no tickets');
  });

  test('tickets of no value', () => {
    const orchestrator = makeInfo({ winProb: 0n });
    expect(refusal(makeRequest({ orchestrator }))).toBe('482 no_tickets: no tickets');
  });

  test('a fixed session buys one ticket more, each time', () => {
    const request = makeStateful({ type: 'fixed', balance: '2000000000000' }, { type: 'fixed' });
    const made = planned(request);
    expect(made.tickets.count).toBe(1);
    expect(made.sessionCreditWei).toBeGreaterThan(2_000_000_000_000n);
  });

  test('no time has passed: no units, and one ticket only while the credit is below its EV', () => {
    const still = { lastUpdateNs: NOW_NS };
    const made = planned(makeStateful(still));
    expect(made).toMatchObject({ units: 0n, feeWei: 0n, billableMs: 0n });
    expect(made.tickets.count).toBe(1);
    const covered = makeStateful({ ...still, balance: '1000000000000' });
    expect(refusal(covered)).toBe('482 no_tickets: no tickets');
  });

  test('a clock behind bills nothing and keeps the later time', () => {
    const lastUpdateNs = NOW_NS + 5_000_000_000n;
    const made = planned(makeStateful({ lastUpdateNs }));
    expect(made.feeWei).toBe(0n);
    expect(made.newState.lastUpdateNs).toBe(lastUpdateNs);
  });
});

describe('3.3 row 22: too many tickets', () => {
  test('more than a hundred', () => {
    const orchestrator = makeInfo({ pricePerUnit: 10n ** 6n, pixelsPerUnit: 1n });
    const message = '400 too_many_tickets: numTickets 1659 exceeds maximum of 100';
    expect(refusal(makeRequest({ orchestrator }))).toBe(message);
  });
});

describe('nonces: an orchestrator keeps 600 of one recipientRandHash', () => {
  test('the last one is used, the next is not', () => {
    expect(planned(makeStateful({ senderNonce: 599 })).nonceTo).toBe(600);
    expect(refusal(makeStateful({ senderNonce: 600 }))).toBe(REFRESH);
  });

  test('a new recipientRandHash starts at 1', () => {
    const request = makeStateful({ senderNonce: 600, pmSessionId: '0x00' });
    expect(planned(request)).toMatchObject({ nonceTo: 1, tickets: { nonceFrom: 1 } });
  });
});

describe('3.3 row 23: validation for all tickets, before money is held', () => {
  test('total EV above the maximum: masked, with a code', () => {
    const orchestrator = makeInfo({ pricePerUnit: 14_000n, pixelsPerUnit: 1n });
    const outcome = plan(makeRequest({ orchestrator }));
    expect(outcome).toMatchObject({
      status: 500,
      code: 'ticket_validation',
      message: 'Internal Server Error',
    });
    if (outcome.ok) throw new Error('accepted');
    expect(outcome.detail).toMatch(/^total ticket EV 2\d{13}\.\d{5} for 24 tickets > max total/);
  });
});

describe('a balance that none of our signers wrote', () => {
  test('text that is no fraction counts as nothing, as in go-livepeer', () => {
    const none = planned(makeStateful({ balance: 'x' }));
    expect(none.newBalance).toBe(planned(makeStateful({ balance: '0' })).newBalance);
  });

  test('a negative one is paid up', () => {
    const made = planned(makeStateful({ balance: '-1500000000000' }));
    expect(made.tickets.count).toBe(3);
  });

  test('one that would grow out of bounds is refused', () => {
    const balance = `1/${'7'.repeat(500)}`;
    expect(refusal(makeStateful({ balance }))).toBe('400 invalid_state: invalid state');
  });

  test('an app name too long on a first call', () => {
    const message = '400 invalid_request: app is too long';
    expect(refusal(makeRequest({ app: 'a'.repeat(129) }))).toBe(message);
  });
});
