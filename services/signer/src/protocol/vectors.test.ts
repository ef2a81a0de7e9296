import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import feeVectors from '../../vectors/fee-and-tickets.json' with { type: 'json' };
import goVectors from '../../vectors/go-crosscheck.json' with { type: 'json' };
import ticketVectors from '../../vectors/ticket-hash-and-signature.json' with { type: 'json' };
import { addressOf, recoverSigner } from '../custody/recover-signer.ts';
import { floatString } from '../payments/format-rational.ts';
import { compareRational, whole } from '../payments/rational.ts';
import { expectedValue } from '../tickets/expected-value.ts';
import { ticketHash } from '../tickets/ticket-hash.ts';
import { decodeOrchestratorInfo } from '../wire/decode-orchestrator-info.ts';
import { PAYMENT_FAULTS } from './fixtures/payment-faults.ts';

const SOURCES = join(import.meta.dirname, '..');
const VECTORS = join(SOURCES, '../vectors');
/** Parts that tell how the others were made, and hold nothing to compare with. */
const TOLD = new Set(['note', 'rule', 'verified', 'ethersLimit']);
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const ORDER = 2n * HALF_ORDER + 1n;

const bytes = (hex: string) => Buffer.from(hex.replace(/^0x/, ''), 'hex');

describe('vectors made by go-livepeer', () => {
  const tests = globSync('**/*.test.ts', { cwd: SOURCES }).map((path) =>
    readFileSync(join(SOURCES, path), 'utf8'),
  );

  test.each(readdirSync(VECTORS))('%s: every part of it is read by a test', (file) => {
    const readers = tests.filter((text) => text.includes(`vectors/${basename(file)}'`));
    expect(readers.length).toBeGreaterThan(0);
    const parts = Object.keys(JSON.parse(readFileSync(join(VECTORS, file), 'utf8')));
    const isWhole = readers.some((text) => text.includes('Object.entries(selectors)'));
    const unread = parts.filter(
      (part) => !isWhole && !TOLD.has(part) && !readers.some((text) => text.includes(part)),
    );
    expect(unread).toEqual([]);
  });

  test('its own code agreed with all of them: realGoStageUpdate, realGoTicketHash, goProtobufRoundtrip', () => {
    const all = (count: number) => `${count}/${count}`;
    expect(goVectors.realGoStageUpdate).toBe(all(feeVectors.cases.length));
    const { goTestHash, signed } = ticketVectors;
    expect(goVectors.realGoTicketHash).toBe(all(goTestHash.length + signed.length));
    expect(new Set(goVectors.goProtobufRoundtrip)).toEqual(new Set(['identical']));
  });

  test.each(['orchUnmarshalErr_AQI=', 'orchUnmarshalErr_/////w=='] as const)(
    '%s: what it cannot parse, we cannot either, and say it alike',
    (name) => {
      const message = Buffer.from(name.slice('orchUnmarshalErr_'.length), 'base64');
      expect(decodeOrchestratorInfo(message)).toBeUndefined();
      const fault = PAYMENT_FAULTS.find(({ row }) => row === '3.3 row 4');
      expect(fault?.message).toBe(goVectors[name]);
    },
  );

  test.each(feeVectors.orchestratorWinProb)(
    'an honest orchestrator’s orchestratorWinProb gives its EV $ev',
    ({ ev, faceValue, winProb }) => {
      const params = { faceValueWei: BigInt(faceValue), winProb: BigInt(winProb) };
      const made = expectedValue(params);
      expect(compareRational(made, whole(BigInt(ev) - 1n))).toBeGreaterThan(0);
      expect(floatString(made, 0)).toBe(ev);
    },
  );

  describe('what a real TicketBroker answered: onChainResults', () => {
    const { t, sig } = ticketVectors.onChainRedeemed;
    const good = bytes(sig);
    const hash = ticketHash({
      recipient: bytes(t.recipient),
      sender: bytes(t.sender),
      faceValueWei: BigInt(t.faceValue),
      winProb: BigInt(t.winProb),
      senderNonce: Number(t.senderNonce),
      recipientRandHash: bytes(t.recipientRandHash),
      creationRound: BigInt(t.creationRound),
      creationBlockHash: bytes(t.creationRoundBlockHash),
    });
    const s = BigInt(`0x${good.subarray(32, 64).toString('hex')}`);
    const isSenders = (signature: Buffer) => {
      const recovered = recoverSigner(hash, signature);
      if (!recovered.ok) return false;
      return Buffer.from(addressOf(recovered.publicKey)).equals(bytes(t.sender));
    };
    const changed = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(good);
      change(copy);
      return copy;
    };
    const MUTATED: Readonly<Record<string, () => Buffer>> = {
      'v as 0/1': () => changed((copy) => copy.writeUInt8(copy.readUInt8(64) - 27, 64)),
      'high-s malleated': () =>
        changed((copy) => {
          copy.write((ORDER - s).toString(16).padStart(64, '0'), 32, 'hex');
          copy.writeUInt8(55 - copy.readUInt8(64), 64);
        }),
    };
    const flipped = (name: string) => /^sig byte (\d+) flipped$/.exec(name)?.[1];
    const mutationOf = (name: string) => {
      const at = flipped(name);
      if (at === undefined) return MUTATED[name]?.();
      return changed((copy) => copy.writeUInt8(copy.readUInt8(Number(at)) ^ 1, Number(at)));
    };
    const refused = ticketVectors.onChainResults.filter(({ name }) => mutationOf(name));

    test('what it redeemed is the sender’s', () => {
      expect(isSenders(good)).toBe(true);
    });

    test.each(refused)('$name: $res', ({ name, res }) => {
      expect(res).toMatch(/invalid signature/);
      expect(isSenders(mutationOf(name) ?? good)).toBe(false);
    });

    test('seven of its answers are about signatures', () => {
      expect(refused).toHaveLength(7);
    });
  });
});
