import { waitFor } from '@clearinghouse/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damage, damaged } from './testing/damage.ts';
import { freshInfo, type PaymentAnswer, paymentBody, postPayment } from './testing/payment-body.ts';
import { startWorld, type World } from './testing/start-world.ts';

const RUNS = 600;
/** Masked by the protocol itself: validation of all tickets at once (row 23 of its table). */
const MASKED_REFUSALS = new Set(['ticket_validation']);
/** What go-livepeer's clients know how to read, and our own refusals of budget and identity. */
const KNOWN_STATUSES = new Set([200, 400, 401, 402, 403, 409, 413, 480, 481, 482]);

const anyJson = fc.jsonValue({ maxDepth: 3 });
const anyText = fc.oneof(
  fc.string({ maxLength: 200, unit: 'binary' }),
  fc.constantFrom('', 'lv2v', 'live', 'fixed', '__proto__', 'manifest1', '\u0000', '../../etc'),
);
const anyNumberText = fc.oneof(
  fc.bigInt().map(String),
  fc.constantFrom('0', '-1', '1e400', '1/0', '0x10', 'NaN', '1e-400', '9'.repeat(600)),
);
const uint64 = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const uint256 = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });

describe('fuzz: whatever is sent to /generate-live-payment', () => {
  let world: World;
  let state: PaymentAnswer['json']['state'];
  let made = 0;

  beforeAll(async () => {
    world = await startWorld('postgres');
    const answer = await postPayment(world.signer.url, world.issuer.mint(), paymentBody());
    state = answer.json.state;
  });
  afterAll(() => world?.stop());

  /** One request; then what holds for each: a known answer, and no signature without a hold. */
  const send = async (body: string | Buffer<ArrayBuffer>) => {
    const before = world.billing.asked.length;
    const url = `${world.signer.url}/generate-live-payment`;
    const headers = { Authorization: `Bearer ${world.issuer.mint()}` };
    const response = await fetch(url, { method: 'POST', headers, body });
    const text = await response.text();
    const answer = JSON.parse(text);
    const asked = world.billing.asked.length - before;
    if (response.status === 200) {
      expect(asked).toBe(1);
      made += 1;
      return;
    }
    expect(text).not.toContain('"payment"');
    const { code, message } = answer.error;
    expect(typeof message).toBe('string');
    if (MASKED_REFUSALS.has(code)) return;
    expect([response.status, code]).toSatisfy(([status]) => KNOWN_STATUSES.has(status));
  };
  const check = (property: fc.IAsyncProperty<unknown>) => fc.assert(property, { numRuns: RUNS });

  it('random bytes', () =>
    check(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), (bytes) => send(Buffer.from(bytes))),
    ));

  it('random JSON', () => check(fc.asyncProperty(anyJson, (value) => send(JSON.stringify(value)))));

  it('a proper request with damaged text', () =>
    check(
      fc.asyncProperty(damage, fc.boolean(), (changes, withState) =>
        send(damaged(Buffer.from(paymentBody(withState ? { state } : {})), changes)),
      ),
    ));

  it('a proper request with a damaged OrchestratorInfo', () =>
    check(
      fc.asyncProperty(damage, (changes) => {
        const info = damaged(Buffer.from(freshInfo(), 'base64'), changes);
        return send(paymentBody({ fields: { orchestrator: info.toString('base64') } }));
      }),
    ));

  it('a proper request with a damaged state or signature', () =>
    check(
      fc.asyncProperty(damage, fc.boolean(), (changes, inState) => {
        const part = damaged(
          Buffer.from((inState ? state?.State : state?.Sig) ?? '', 'base64'),
          changes,
        );
        const bad = { State: state?.State ?? '', Sig: state?.Sig ?? '' };
        bad[inState ? 'State' : 'Sig'] = part.toString('base64');
        return send(paymentBody({ state: bad }));
      }),
    ));

  it('fields of any kind', () =>
    check(
      fc.asyncProperty(
        fc.record(
          {
            ManifestID: fc.oneof(anyText, anyJson),
            app: fc.oneof(anyText, anyJson),
            type: fc.oneof(anyText, anyJson),
            inPixels: fc.oneof(fc.integer(), anyJson),
            maxPrice: fc.oneof(
              fc.record({ price: anyNumberText, currency: anyText, unit: anyText }),
              anyJson,
            ),
            capabilities: fc.oneof(fc.base64String({ maxLength: 200 }), anyJson),
          },
          { requiredKeys: [] },
        ),
        (fields) => send(paymentBody({ fields })),
      ),
    ));

  it('prices, tickets and times of any size', () =>
    check(
      fc.asyncProperty(
        fc.record(
          {
            pricePerUnit: uint64,
            pixelsPerUnit: uint64,
            faceValueWei: uint256,
            winProb: uint256,
            expirationBlock: uint64,
            creationRound: uint64,
            tokenExpirationSec: uint64,
            capability: fc.nat(0xffff),
          },
          { requiredKeys: [] },
        ),
        fc.constantFrom('lv2v', 'live', 'fixed', ''),
        (info, type) => send(paymentBody({ info, fields: { type } })),
      ),
    ));

  it('anything to /sign-orchestrator-info: its constant answer, or a known refusal', async () => {
    const url = `${world.signer.url}/sign-orchestrator-info`;
    const good = `Bearer ${world.issuer.mint()}`;
    const ask = (Authorization: string, body: Buffer<ArrayBuffer>) =>
      fetch(url, { method: 'POST', headers: { Authorization }, body });
    const constant = await (await ask(good, Buffer.from('{}'))).text();
    expect(JSON.parse(constant)).toHaveProperty('signature');
    await check(
      fc.asyncProperty(
        fc.oneof(
          fc.constant(good),
          damage.map((changes) => damaged(Buffer.from(good), changes).toString('latin1')),
          fc.string({ unit: 'binary-ascii' }),
        ),
        fc.uint8Array({ maxLength: 600 }),
        async (authorization, body) => {
          const header = authorization.replace(/[^\x20-\x7e]/g, '?');
          const answer = await ask(header, Buffer.from(body));
          expect([200, 401]).toContain(answer.status);
          if (answer.status === 200) expect(await answer.text()).toBe(constant);
          else expect(await answer.json()).toMatchObject({ error: { code: 'invalid_token' } });
        },
      ),
    );
  });

  it('leaves the signer well, and every payment that was made settled', async () => {
    expect((await world.signer.ready()).status).toBe('ready');
    expect(made).toBeGreaterThan(0);
    const settled = () => new Set(world.billing.settled.map(({ holdId }) => holdId)).size;
    await waitFor(() => settled() >= made, { what: 'every payment to be settled' });
  });
});
