import { readFileSync } from 'node:fs';
import { computeAddress } from 'ethers';
import { describe, expect, it } from 'vitest';
import { parseGoTime, readState } from './signed-state.ts';

type Vectors = {
  cases: { privateKey: string; stateJson: string; stateBase64: string; signatureBase64: string }[];
};

const url = new URL('../../../../services/signer/vectors/state-signature.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(url, 'utf8')) as Vectors;

describe('state blobs signed as Go signs them', () => {
  it.each(cases)('opens blob %#', (vector) => {
    const blob = { State: vector.stateBase64, Sig: vector.signatureBase64 };
    const state = readState(blob, computeAddress(vector.privateKey));
    const plain = JSON.parse(vector.stateJson) as Record<string, unknown>;
    expect(state?.stateId).toBe(plain.StateID);
    expect(state?.balance).toBe(plain.Balance);
    expect(state?.initialPricePerUnit).toBe(BigInt(plain.InitialPricePerUnit as number));
    expect(state?.sequenceNumber).toBe(BigInt(plain.SequenceNumber as number));
  });

  it('does not open a blob of another signer, or one that was changed', () => {
    const vector = cases[0];
    if (vector === undefined) throw new Error('no vectors');
    const blob = { State: vector.stateBase64, Sig: vector.signatureBase64 };
    expect(readState(blob, computeAddress(`0x${'22'.repeat(32)}`))).toBeUndefined();
    const richer = vector.stateJson.replace('"Balance":"', '"Balance":"9');
    expect(richer).not.toBe(vector.stateJson);
    const changed = { ...blob, State: Buffer.from(richer).toString('base64') };
    expect(readState(changed, computeAddress(vector.privateKey))).toBeUndefined();
  });
});

describe('RFC3339Nano', () => {
  it.each([
    ['2026-04-07T20:00:00Z', 1_775_592_000_000_000_000n],
    ['2026-04-07T20:00:00.1+02:00', 1_775_584_800_100_000_000n],
    ['2026-04-07T20:00:00.123456789Z', 1_775_592_000_123_456_789n],
  ])('reads %s', (text, expected) => {
    expect(parseGoTime(text)).toBe(expected);
  });

  it.each(['2026-04-07 20:00:00Z', '', '2026-04-07T20:00:00', '2026-04-07T20:00:00.Z'])(
    'refuses %j',
    (text) => {
      expect(parseGoTime(text)).toBeUndefined();
    },
  );
});
