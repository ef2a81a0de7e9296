import { getBytes, hashMessage, recoverAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import goVectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import stateVectors from '../../vectors/state-signature.json' with { type: 'json' };
import { CUSTODY, NOW_NS } from '../payments/fixtures/make-request.ts';
import type { PaymentPolicy } from '../payments/plan.ts';
import { type Pose, type Posed, send } from './fixtures/pose-payment.ts';
import { startSurface, type TestSurface } from './fixtures/start-surface.ts';

const AUTH_ID = 'app_0123456789abcdef01234567:usr_1';
/** States that go-livepeer's signer gave out, with the key that is ours here. */
const [UNBOUND, BOUND] = stateVectors.cases.filter(
  ({ privateKey }) => privateKey === `0x${'11'.repeat(32)}`,
);

type State = { readonly State: string; readonly Sig: string };
type Document = Readonly<Record<string, string | number>>;

let surface: TestSurface;
beforeAll(async () => {
  surface = await startSurface();
});
afterAll(() => surface?.stop());
beforeEach(() => {
  surface.reset();
  surface.neighbours.nowNs = NOW_NS + 10_000_000_000n;
});

/** The orchestrator of the vectors' states, and what its ticket params were. */
const INFO = {
  address: Buffer.from('73aed7b5deb30222fa896f399d46cc99c7bee57f', 'hex'),
  randHash: Buffer.from('023f1acc2f1cb6fcd282456b7d10ed80ef69c9a59c53680e941d10c14dc9b3ec', 'hex'),
  pricePerUnit: 1200n,
  pixelsPerUnit: 1n,
};

/** The next call of a session, at that orchestrator. */
function payWith(state: State, policy: Partial<PaymentPolicy> = {}, app = ''): Promise<Posed> {
  const pose: Pose = {
    info: INFO,
    fields: { state, app },
    neighbours: { policy },
  };
  return send(surface, pose);
}

const fieldOf = (vector: (typeof stateVectors.cases)[number] | undefined): State => ({
  State: vector?.stateBase64 ?? '',
  Sig: vector?.signatureBase64 ?? '',
});
const stateOf = ({ text }: Posed): State => JSON.parse(text).state;
const documentOf = ({ State }: State): Document =>
  JSON.parse(Buffer.from(State, 'base64').toString('utf8'));
const codeOf = ({ status, text }: Posed) =>
  status === 200 ? 'ok' : `${status} ${JSON.parse(text).error.code}`;

/** A state as go-livepeer's signer makes the next one, signed with the key that both have. */
function advanceAsGo(document: Document, change: Document = {}): State {
  const text = JSON.stringify({
    ...document,
    LastUpdate: '2026-04-07T22:00:20.5+02:00',
    SenderNonce: Number(document.SenderNonce) + 1,
    SequenceNumber: Number(document.SequenceNumber) + 1,
    ...change,
  });
  const bytes = Buffer.from(text, 'utf8');
  const sig = Buffer.from(CUSTODY.signState(bytes)).toString('base64');
  return { State: bytes.toString('base64'), Sig: sig };
}

describe('from go-livepeer’s signer to ours, one key', () => {
  test('its state is nobody’s: refused, until ACCEPT_UNBOUND_STATE', async () => {
    expect(codeOf(await payWith(fieldOf(UNBOUND)))).toBe('403 auth_id_mismatch');
    expect(surface.tally.holds).toBe(0);
    surface.reset();
    surface.neighbours.nowNs = NOW_NS + 10_000_000_000n;
    expect(codeOf(await payWith(fieldOf(UNBOUND), { acceptUnboundState: true }))).toBe('ok');
  });

  test('the session goes on: same id, next number, next nonce; and is the caller’s from then on', async () => {
    const before = documentOf(fieldOf(UNBOUND));
    const answer = await payWith(fieldOf(UNBOUND), { acceptUnboundState: true });
    const after = documentOf(stateOf(answer));
    expect(after).toMatchObject({
      StateID: before.StateID,
      PMSessionID: before.PMSessionID,
      SequenceNumber: Number(before.SequenceNumber) + 1,
      SenderNonce: Number(before.SenderNonce) + 1,
      InitialPricePerUnit: before.InitialPricePerUnit,
      AuthID: AUTH_ID,
    });
    // The switch may go back to off: no second caller can have it.
    surface.reset();
    surface.neighbours.nowNs = NOW_NS + 20_000_000_000n;
    expect(codeOf(await payWith(stateOf(answer)))).toBe('ok');
  });

  test('its balance is carried on to the wei', async () => {
    const answer = await payWith(fieldOf(UNBOUND), { acceptUnboundState: true });
    // 500/3 wei less the fee of ten seconds, which leave the thirds.
    expect(String(documentOf(stateOf(answer)).Balance)).toMatch(/^\d+\/\d+$/);
    const [num = '', den = ''] = String(documentOf(stateOf(answer)).Balance).split('/');
    expect(BigInt(den) % 3n).toBe(0n);
    expect(BigInt(num)).toBeGreaterThan(0n);
  });

  test('a state that its webhook bound to another id is that id’s, whatever the switch', async () => {
    const answer = await payWith(fieldOf(BOUND), { acceptUnboundState: true }, 'a<b>&c');
    expect(codeOf(answer)).toBe('403 auth_id_mismatch');
  });

  test('a state of another key is none', async () => {
    const other = stateVectors.cases.find(({ privateKey }) => privateKey.endsWith('01'));
    expect(codeOf(await payWith(fieldOf(other), { acceptUnboundState: true }))).toBe(
      '400 invalid_sig',
    );
  });
});

describe('from our signer to go-livepeer’s, and back', () => {
  test('our state has its fields, in its order, of its types, and its signature', async () => {
    const { State, Sig } = stateOf(await payWith(fieldOf(UNBOUND), { acceptUnboundState: true }));
    const bytes = Buffer.from(State, 'base64');
    const document = documentOf({ State, Sig });
    const goDocument: Document = JSON.parse(goVectors.stateMarshal);
    expect(Object.keys(document)).toEqual(Object.keys(goDocument));
    for (const [key, value] of Object.entries(goDocument)) {
      expect([key, typeof document[key]]).toEqual([key, typeof value]);
    }
    // lpcrypto.VerifySig over the raw bytes.
    const signer = recoverAddress(
      hashMessage(getBytes(bytes)),
      `0x${Buffer.from(Sig, 'base64').toString('hex')}`,
    );
    expect(signer.toLowerCase()).toBe(CUSTODY.address);
    expect(String(document.OrchestratorAddress)).toMatch(/^0x[0-9a-f]{40}$/);
    expect(String(document.LastUpdate)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/);
    expect(String(document.Balance)).toMatch(/^-?\d+(\/\d+)?$/);
    // Go takes it for a webhook's permission until then: none may be carried over.
    expect(document.AuthExpiry).toBe(0);
  });

  test('no white space, no letter that Go would have escaped', async () => {
    const pose = { isFirst: true, fields: { app: 'a<b>&\u2028"c' } };
    const bytes = Buffer.from(stateOf(await send(surface, pose)).State, 'base64').toString();
    expect(bytes).toContain('"App":"a\\u003cb\\u003e\\u0026\\u2028\\"c"');
    expect(bytes).not.toMatch(/[<>&\s]/);
  });

  test('what its signer made of our state is taken again, without the switch', async () => {
    const ours = documentOf(stateOf(await payWith(fieldOf(UNBOUND), { acceptUnboundState: true })));
    surface.reset();
    surface.neighbours.nowNs = NOW_NS + 40_000_000_000n;
    const answer = await payWith(advanceAsGo(ours));
    expect(codeOf(answer)).toBe('ok');
    expect(documentOf(stateOf(answer))).toMatchObject({
      SequenceNumber: Number(ours.SequenceNumber) + 2,
      SenderNonce: Number(ours.SenderNonce) + 2,
      AuthID: AUTH_ID,
    });
  });

  test.each<[string, Document]>([
    ['a StateID of eight letters', { StateID: 'ffffffff' }],
    ['a balance without a fraction', { Balance: '500' }],
    ['a time without a fraction', { LastUpdate: '2026-04-07T20:00:20Z' }],
    ['more than nine digits of a second', { LastUpdate: '2026-04-07T20:00:20.1234567891Z' }],
    ['no type yet', { Type: '' }],
    ['a permission of its webhook', { AuthExpiry: 1_900_000_000 }],
  ])('also with %s', async (_, change) => {
    surface.neighbours.nowNs = NOW_NS + 40_000_000_000n;
    const before = { ...documentOf(fieldOf(UNBOUND)), AuthID: AUTH_ID };
    expect(codeOf(await payWith(advanceAsGo(before, change)))).toBe('ok');
  });
});
