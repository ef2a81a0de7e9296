import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { attributeUsage } from '../payments/attribute-usage.ts';
import { CUSTODY, makeDeps, NOW_NS } from '../payments/fixtures/make-request.ts';
import { whole } from '../payments/rational.ts';
import { refusePlan } from '../payments/refuse-plan.ts';
import { createWebhookAsker, WEBHOOK_SIGNATURE_HEADER } from '../webhook/ask-webhook.ts';
import { type Pose, type Posed, send } from './fixtures/pose-payment.ts';
import { grantOf, startSurface, type TestSurface } from './fixtures/start-surface.ts';

let surface: TestSurface;
let asked: Parameters<typeof grantOf>[0][];
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => {
  surface.reset();
  asked = [];
  surface.neighbours.hold = (item) => {
    asked.push(item);
    return grantOf(item);
  };
});

const first: Pose = { isFirst: true };
const stateOf = ({ text }: Posed) =>
  JSON.parse(Buffer.from(JSON.parse(text).state.State, 'base64').toString());
const codeOf = ({ status, text }: Posed) =>
  status === 200 ? 'ok' : `${status} ${JSON.parse(text).error.code}`;

describe('13: one payment, once', () => {
  test('13 row 1: a state sent again with other params has the same key of its hold, for billing to see', async () => {
    await send(surface, {});
    await send(surface, { info: { randHash: Buffer.alloc(32, 7) } });
    const [one, other] = asked;
    expect([one?.stateId, one?.seq]).toEqual([other?.stateId, other?.seq]);
    expect(one?.requestHash).not.toBe(other?.requestHash);
    surface.neighbours.hold = () => ({ ok: false, code: 'fork_limit' });
    expect(codeOf(await send(surface, {}))).toBe('409 fork_limit');
  });

  test('13 row 2: the same request again gets the same bytes, however late', async () => {
    const before = await send(surface, {});
    const [stored] = asked;
    surface.neighbours.hold = (item) =>
      ({
        ...grantOf({ ...item, rebuild: stored?.rebuild ?? item.rebuild }),
        replayed: true,
      }) as ReturnType<typeof grantOf>;
    surface.neighbours.nowNs = NOW_NS + 40_000_000_000n;
    expect((await send(surface, {})).text).toBe(before.text);
  });

  test('13 row 9: two calls at once with one recipientRandHash are worked out apart', async () => {
    const other: Pose = { ...first, fields: { ManifestID: 'manifest2' } };
    const answers = await Promise.all([send(surface, first), send(surface, other)]);
    expect(answers.map(codeOf)).toEqual(['ok', 'ok']);
    expect(asked.map(({ rebuild }) => rebuild.nonceFrom)).toEqual([1, 1]);
    surface.neighbours.hold = () => ({ ok: false, code: 'nonce_overlap' });
    expect(codeOf(await send(surface, other))).toBe('480 nonce_overlap');
  });

  test('13 row 10: nothing is kept by orchestrator: a balance comes from the state alone', async () => {
    const state = { balance: '400000000000' };
    const one = stateOf(await send(surface, { state }));
    await send(surface, { state: { balance: '900000000000' } });
    expect(stateOf(await send(surface, { state }))).toEqual(one);
  });

  test('13 row 22: the 601st nonce of one recipientRandHash asks for another', async () => {
    expect(codeOf(await send(surface, { state: { senderNonce: 599 } }))).toBe('ok');
    surface.reset();
    const answer = await send(surface, { state: { senderNonce: 600 } });
    expect(codeOf(answer)).toBe('480 refresh_session');
  });
});

describe('13: who may, and what it may cost', () => {
  test.each([
    'insufficient_balance',
    'app_cap',
    'user_cap',
    'key_cap',
    'session_credit_limit',
  ] as const)('13 row 3: money is held before anything is signed: %s', async (code) => {
    surface.neighbours.hold = () => ({ ok: false, code });
    expect(codeOf(await send(surface, {}))).toBe(`402 ${code}`);
    expect(surface.tally.signatures).toBe(0);
  });

  test('13 row 4: an orchestrator that policy does not know gets no ticket', async () => {
    const judge = refusePlan('policy_recipient_unregistered');
    const answer = await send(surface, { neighbours: { judge } });
    expect(codeOf(answer)).toBe('403 policy_recipient_unregistered');
    expect(surface.tally).toMatchObject({ holds: 0, signatures: 0 });
  });

  test('13 row 5: the webhook is asked before anything is held or signed', async () => {
    const confirm = async () => refusePlan('webhook_failed');
    await send(surface, { neighbours: { confirm } });
    expect(surface.tally).toMatchObject({ holds: 0, signatures: 0 });
  });

  test('13 row 6: a session is its subject’s on every call', async () => {
    for (const authId of ['', 'app_0123456789abcdef01234567:usr_2']) {
      expect(codeOf(await send(surface, { state: { authId } }))).toBe('403 auth_id_mismatch');
    }
  });

  test('13 row 7: Signer-Auth-Id of a caller is nothing', async () => {
    const headers = { 'Signer-Auth-Id': 'mallory' };
    expect(stateOf(await send(surface, { headers })).AuthID).toBe(
      'app_0123456789abcdef01234567:usr_1',
    );
  });

  test('13 row 8: the hold is the record of use, there before the signature', async () => {
    await send(surface, {});
    expect(asked[0]?.usage).toMatchObject({
      pipeline: 'live-video-to-video',
      model: 'streamdiffusion',
      units: '276480000',
      billableMs: '10000',
      orchUrl: 'https://orch.example:8935',
    });
  });

  test('13 row 24: pipeline and model are those of the price that is paid', () => {
    const priceInfo = { capability: 35, constraint: 'a-model' };
    const usage = attributeUsage({ type: 'lv2v', priceInfo, capabilities: undefined } as never);
    expect(usage).toEqual({ pipeline: 'live-video-to-video', model: 'a-model' });
  });
});

describe('13: sessions that go on', () => {
  test('13 row 13: with a reserve a session buys before its credit is used up', async () => {
    const covered: Pose = { state: { balance: '1000000000001' } };
    expect(codeOf(await send(surface, covered))).toBe('482 no_tickets');
    surface.reset();
    const policy = { sessionReserveSec: 30 };
    expect(codeOf(await send(surface, { ...covered, neighbours: { policy } }))).toBe('ok');
  });

  test('13 row 14: a session that rested for ten minutes is told to begin anew', async () => {
    const rested = (sec: bigint): Pose => ({
      state: { lastUpdateNs: NOW_NS - sec * 1_000_000_000n },
    });
    expect(codeOf(await send(surface, rested(600n)))).toBe('ok');
    const answer = await send(surface, rested(601n));
    expect(codeOf(answer)).toBe('400 session_idle');
    expect(answer.text).toContain('start a new session');
  });

  test('13 row 20: a clock behind bills no second preload', async () => {
    const lastUpdateNs = NOW_NS + 3_000_000_000n;
    const made = stateOf(await send(surface, { state: { lastUpdateNs } }));
    expect(asked[0]?.usage.units).toBe('0');
    expect(new Date(made.LastUpdate).getTime()).toBe(Number(lastUpdateNs / 1_000_000n));
  });

  test('13 row 24: a fixed session is never told 482 for its balance', async () => {
    const pose: Pose = {
      fields: { type: 'fixed' },
      state: { type: 'fixed', balance: '5000000000000' },
    };
    expect(codeOf(await send(surface, pose))).toBe('ok');
    expect(asked[0]?.rebuild.numTickets).toBe(1);
  });
});

describe('13: what is not let in', () => {
  test('13 row 11: bodies, messages and ids have bounds', async () => {
    expect(codeOf(await send(surface, { padding: 256 * 1024 }))).toBe('413 body_too_large');
    const large = Buffer.alloc(64 * 1024 + 1).toString('base64');
    expect(codeOf(await send(surface, { fields: { orchestrator: large } }))).toBe(
      '400 invalid_orchestrator',
    );
    expect(codeOf(await send(surface, { fields: { capabilities: large } }))).toBe(
      '400 invalid_capabilities',
    );
    const app = 'a'.repeat(129);
    expect(codeOf(await send(surface, { ...first, fields: { app } }))).toBe('400 invalid_request');
  });

  test('13 row 12: a StateID of 128 bits that nobody foresees, and a retry gets again', async () => {
    const one = stateOf(await send(surface, first)).StateID;
    const other = stateOf(await send(surface, { ...first, fields: { app: 'b' } })).StateID;
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
    const hash = Buffer.from(asked[0]?.requestHash ?? '', 'hex');
    expect(makeDeps().deriveFirstIds('app_0123456789abcdef01234567:usr_1', hash).stateId).toBe(one);
  });

  test('13 row 15: a price below zero pays nobody', async () => {
    for (const info of [{ pricePerUnit: -1n }, { pixelsPerUnit: -1n }]) {
      expect(codeOf(await send(surface, { info }))).toBe('400 missing_price_info');
    }
  });

  test('13 row 16: a masked answer has a code that tells', async () => {
    const neighbours = { policy: { maxTotalEvWei: whole(1_500_000_000_000n) } };
    const answer = await send(surface, { state: { balance: '-1500000000000' }, neighbours });
    expect(answer.text).toBe(
      '{"error":{"message":"Internal Server Error","code":"ticket_validation"}}\n',
    );
  });

  test('13 row 17: health and readiness on the signer’s own port', async () => {
    for (const path of ['/healthz', '/readyz']) {
      expect((await fetch(`${surface.url}${path}`)).status).toBe(200);
    }
  });

  test.each([104, 168])('13 row 18: a ManifestID of %i bytes could be a ticket', async (length) => {
    const answer = await send(surface, { fields: { ManifestID: 'a'.repeat(length) } });
    expect(codeOf(answer)).toBe('400 invalid_manifest_id');
    expect(() => CUSTODY.signSegment('a'.repeat(length))).toThrow(RangeError);
  });

  test('13 row 19: a hash is no state', () => {
    expect(() => CUSTODY.signState(Buffer.alloc(32, 0x7b))).toThrow(RangeError);
    expect(() => CUSTODY.signState(Buffer.from(`{"StateID":${' '.repeat(22)}`))).toThrow(
      RangeError,
    );
  });

  test('13 row 21: custody makes every hash itself and signs none that it is given', () => {
    const names = Object.keys(CUSTODY).filter((name) => name.startsWith('sign'));
    expect(names).toContain('signTickets');
    expect(names.filter((name) => /hash|digest|message|raw/i.test(name))).toEqual([]);
  });

  test('13 row 23: the webhook’s body has a signature', async () => {
    let headers: Record<string, string> = {};
    const play = async (_url: unknown, init: { headers: Record<string, string> }) => {
      headers = init.headers;
      return new Response('{"status":200}');
    };
    const options = { url: 'http://x', headers: {}, secret: Buffer.from('s') };
    await createWebhookAsker({ fetch: play as never, nowMs: () => 5_000 }, options)('{}');
    expect(headers[WEBHOOK_SIGNATURE_HEADER]).toMatch(/^t=5,v1=[0-9a-f]{64}$/);
  });
});
