import type { Address } from '@clearinghouse/shared';
import { describe, expect, test } from 'vitest';
import goVectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import vectors from '../../vectors/state-signature.json' with { type: 'json' };
import { decodeState } from './decode-state.ts';
import { encodeState } from './encode-state.ts';
import type { SessionState } from './state.ts';

const STATE: SessionState = {
  stateId: 'a1b2c3d4',
  pmSessionId: '0x00',
  lastUpdateNs: 1_775_592_000_123_456_789n,
  orchestratorAddress: '0x73aed7b5deb30222fa896f399d46cc99c7bee57f' as Address,
  app: 'a<b>&c\u2028"\\\u0001é',
  authExpirySec: 0n,
  senderNonce: 7,
  balance: '1/3',
  initialPricePerUnit: 0n,
  initialPixelsPerUnit: 0n,
  type: 'lv2v',
  sequenceNumber: 0n,
  authId: '',
};

function decode(text: string): SessionState | undefined {
  return decodeState(Buffer.from(text, 'utf8'));
}

/** The first signed vector with one member replaced by raw JSON. */
function withMember(name: string, json: string): SessionState | undefined {
  const text = vectors.cases[0]?.stateJson ?? '';
  return decode(text.replace(new RegExp(`"${name}":("[^"]*"|[0-9]+)`), `"${name}":${json}`));
}

describe('state JSON: as Go writes it', () => {
  test('names, order and escapes', () => {
    expect(encodeState(STATE).toString('utf8')).toBe(goVectors.stateMarshal);
  });

  test.each(vectors.cases)('$digest: decoded and encoded again', (vector) => {
    const state = decode(vector.stateJson);
    expect(state && encodeState(state).toString('utf8')).toBe(vector.stateJson);
    expect(state && encodeState(state).toString('base64')).toBe(vector.stateBase64);
  });
});

describe('state JSON: as Go reads it', () => {
  test('all 64 bits of its integers', () => {
    expect(withMember('InitialPricePerUnit', '9223372036854775807')).toMatchObject({
      initialPricePerUnit: 9_223_372_036_854_775_807n,
    });
    expect(withMember('InitialPixelsPerUnit', '9007199254740993')).toMatchObject({
      initialPixelsPerUnit: 9_007_199_254_740_993n,
    });
  });

  test('keys in any case, the last one counts, unknown ones do not', () => {
    const text = '{"stateid":"x","STATEID":"y","constructor":"z","__proto__":1}';
    expect(decode(text)).toMatchObject({ stateId: 'y', balance: '', sequenceNumber: 0n });
  });

  test('an address in any case becomes lower-case', () => {
    const address = `0x${'AbCd'.repeat(10)}`;
    expect(withMember('OrchestratorAddress', `"${address}"`)?.orchestratorAddress).toBe(
      address.toLowerCase(),
    );
  });

  test.each([
    ['SenderNonce', '4294967296'],
    ['SenderNonce', '-1'],
    ['SequenceNumber', '-1'],
    ['SequenceNumber', '9007199254740991'],
    ['InitialPricePerUnit', '9223372036854775808'],
    ['InitialPricePerUnit', '1.5'],
    ['OrchestratorAddress', '"0x12"'],
    ['OrchestratorAddress', 'null'],
    ['LastUpdate', '"yesterday"'],
    ['LastUpdate', '1'],
    ['StateID', '""'],
    ['StateID', '"a b"'],
    ['StateID', `"${'a'.repeat(129)}"`],
    ['Balance', '5'],
  ])('%s %s is refused', (name, json) => {
    expect(withMember(name, json)).toBeUndefined();
  });

  test.each(['', '[]', 'null', '"x"', '{', '{}', `{"StateID":"a","App":"${'a'.repeat(9000)}"}`])(
    'the document %j is refused',
    (text) => {
      expect(decode(text)).toBeUndefined();
    },
  );
});
