import { getBytes, Wallet } from 'ethers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import infoVectors from '../../vectors/orchestrator-info-signature.json' with { type: 'json' };
import segVectors from '../../vectors/segdata.json' with { type: 'json' };
import stateVectors from '../../vectors/state-signature.json' with { type: 'json' };
import { curveImplementation } from '../custody/curve.ts';
import { ethSignDigest } from '../tickets/eth-sign-digest.ts';
import { keccak256 } from '../tickets/keccak.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import { ticketHash } from '../tickets/ticket-hash.ts';
import { takeCustody } from './custody.ts';
import { signDigest } from './sign-digest.ts';

const KEY = Buffer.alloc(32, 0x11);
const BATCH: TicketBatch = {
  recipient: Buffer.alloc(20, 1),
  faceValueWei: 10n ** 18n,
  winProb: 1n << 200n,
  recipientRandHash: Buffer.alloc(32, 2),
  creationRound: 3456n,
  creationBlockHash: Buffer.alloc(32, 3),
  nonceFrom: 1,
  count: 1,
};

function bytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

function hex(value: Uint8Array): string {
  return `0x${Buffer.from(value).toString('hex')}`;
}

describe('custody: libsecp256k1 is the curve', () => {
  test('the addon loaded', () => {
    expect(curveImplementation).toBe('native');
  });
});

describe('custody: the signature over its own address', () => {
  test.each(infoVectors.cases)('$response.address', (vector) => {
    const custody = takeCustody(bytes(vector.privateKey));
    expect(custody.checksumAddress).toBe(vector.response.address);
    expect(custody.address).toBe(vector.response.address.toLowerCase());
    expect(hex(custody.signOrchestratorInfo())).toBe(vector.response.signature);
    const inner = keccak256(Buffer.from(vector.message));
    expect(hex(inner)).toBe(vector.innerKeccak);
    expect(hex(ethSignDigest(inner))).toBe(vector.eip191Digest);
  });

  test('a caller who changes the answer changes only theirs', () => {
    const custody = takeCustody(KEY);
    custody.signOrchestratorInfo().fill(0);
    expect(hex(custody.signOrchestratorInfo())).toBe(infoVectors.cases[0]?.response.signature);
  });
});

describe('custody: segment credentials', () => {
  test.each(segVectors.cases)('$manifestId, $privateKey', (vector) => {
    const inner = keccak256(bytes(vector.flattened));
    expect(hex(inner)).toBe(vector.innerKeccak);
    const signature = signDigest(bytes(vector.privateKey), ethSignDigest(inner));
    expect(hex(signature)).toBe(vector.signature);
    const isProper = /^[A-Za-z0-9_-]+$/.test(vector.manifestId);
    const custody = takeCustody(bytes(vector.privateKey));
    if (isProper) expect(hex(custody.signSegment(vector.manifestId))).toBe(vector.signature);
    else expect(() => custody.signSegment(vector.manifestId)).toThrow(RangeError);
  });

  test.each(['', 'a b', 'a'.repeat(65), 'é', '\u0000'.repeat(20)])(
    'ManifestID %j is not signed: it could be the bytes of a ticket',
    (manifestId) => {
      expect(() => takeCustody(KEY).signSegment(manifestId)).toThrow(RangeError);
    },
  );
});

describe('custody: session states', () => {
  test.each(stateVectors.cases)('$signatureHex', (vector) => {
    const custody = takeCustody(bytes(vector.privateKey));
    const state = Buffer.from(vector.stateJson, 'utf8');
    expect(hex(ethSignDigest(state))).toBe(vector.digest);
    const signature = custody.signState(state);
    expect(hex(signature)).toBe(vector.signatureHex);
    expect(Buffer.from(signature).toString('base64')).toBe(vector.signatureBase64);
    expect(custody.verifyState(state, signature)).toBe(true);
  });

  test('another key, another state, another signature: not ours', () => {
    const state = Buffer.from(stateVectors.cases[0]?.stateJson ?? '');
    const custody = takeCustody(KEY);
    const signature = custody.signState(state);
    expect(takeCustody(Buffer.alloc(32, 0x12)).verifyState(state, signature)).toBe(false);
    expect(custody.verifyState(Buffer.concat([state, Buffer.from(' ')]), signature)).toBe(false);
    for (const at of [0, 31, 32, 63]) {
      const forged = Uint8Array.from(signature);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(custody.verifyState(state, forged)).toBe(false);
    }
    expect(custody.verifyState(state, new Uint8Array(0))).toBe(false);
    expect(custody.verifyState(state, new Uint8Array(65))).toBe(false);
  });

  test('a hash is never signed as a state', () => {
    const custody = takeCustody(KEY);
    expect(() => custody.signState(keccak256(Buffer.from('ticket')))).toThrow(RangeError);
    expect(() => custody.signState(Buffer.alloc(300, 0x7b))).toThrow(RangeError);
    const asLongAsAHash = Buffer.from(`{"StateID":"${'x'.repeat(18)}"}`);
    expect(asLongAsAHash).toHaveLength(32);
    expect(() => custody.signState(asLongAsAHash)).toThrow(RangeError);
  });
});

describe('custody: tickets, cross-checked with ethers', () => {
  test('a hundred tickets, one by one the same', async () => {
    const wallet = new Wallet(hex(KEY));
    const custody = takeCustody(KEY);
    const { hashes, signatures } = custody.signTickets({ ...BATCH, nonceFrom: 501, count: 100 });
    for (let index = 0; index < 100; index += 1) {
      const sender = bytes(custody.address);
      const hash = ticketHash({ ...BATCH, sender, senderNonce: 501 + index });
      expect(hex(hashes.subarray(index * 32, index * 32 + 32))).toBe(hex(hash));
      const signature = hex(signatures.subarray(index * 65, index * 65 + 65));
      if (index % 10 === 0) expect(signature).toBe(wallet.signMessageSync(getBytes(hash)));
    }
  });

  test('any digest: the same bytes as ethers, low s, v 27 or 28', () => {
    const anyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(anyBytes, anyBytes, (message, key) => {
        fc.pre(key.some((byte) => byte !== 0) && (key[0] ?? 0) < 0xff);
        const signature = signDigest(key, ethSignDigest(message));
        expect(hex(signature)).toBe(new Wallet(hex(key)).signMessageSync(message));
        expect([27, 28]).toContain(signature[64]);
      }),
      { numRuns: 30 },
    );
  });

  test.each([0, 101, -1])('a batch of %i tickets is refused', (count) => {
    expect(() => takeCustody(KEY).signTickets({ ...BATCH, count })).toThrow(RangeError);
  });

  test('closed: zeros where the only key bytes were, and no signature any more', () => {
    const key = Buffer.from(KEY);
    const custody = takeCustody(key);
    custody.signTickets(BATCH);
    custody.close();
    expect(key.equals(Buffer.alloc(32))).toBe(true);
    expect(() => custody.signTickets(BATCH)).toThrow(/closed/);
    expect(() => custody.signSegment('m1')).toThrow(/closed/);
    const state = Buffer.from(stateVectors.cases[0]?.stateJson ?? '');
    expect(() => custody.signState(state)).toThrow(/closed/);
  });

  test('nothing in custody shows the key', () => {
    const shown = JSON.stringify(takeCustody(KEY), (_, value) => String(value));
    expect(shown).not.toContain('1111111111');
    expect(shown).not.toContain('17,17,17');
  });
});
