import type { Address } from '@clearinghouse/shared';
import { describe, expect, test } from 'vitest';
import { openMessage } from '../wire/message-writer.ts';
import type { PaymentRequest } from '../wire/payment-request.ts';
import { deriveFirstIds } from './derive-first-ids.ts';
import {
  makeInfo,
  makeRequest,
  makeStateful,
  NOW_NS,
  type PlanChange,
  planned,
} from './fixtures/make-request.ts';
import { requestHash } from './request-hash.ts';

const NO_BYTES = new Uint8Array(0);
const BARE_REQUEST: PaymentRequest = {
  stateBytes: NO_BYTES,
  stateSig: NO_BYTES,
  orchestrator: NO_BYTES,
  manifestId: '',
  app: '',
  inPixels: 0n,
  type: '',
  maxPrice: undefined,
  capabilities: NO_BYTES,
};

type Request = Parameters<typeof planned>[0];

function hashOf(request: Request, change: PlanChange = {}): string {
  return planned(request, change).requestHash;
}

function entry(key: number): Uint8Array {
  const capacity = openMessage();
  capacity.entry(1, BigInt(key));
  capacity.entry(2, 1n);
  const out = openMessage();
  out.message(3, capacity.finish());
  return out.finish();
}

describe('request hash: the same on every version, since replicas of two run side by side', () => {
  test('texts beyond ASCII, empty parts and absent ones', () => {
    const hash = requestHash({
      authId: 'app_1:usr_é',
      request: {
        ...BARE_REQUEST,
        stateBytes: Buffer.from('state'),
        type: 'lv2v',
        manifestId: 'm',
        inPixels: 7n,
        maxPrice: { price: '1', currency: 'wei', unit: '' },
      },
      info: {
        transcoder: '',
        address: `0x${'01'.repeat(20)}` as Address,
        ticketParams: undefined,
        priceInfo: undefined,
        authToken: undefined,
      },
      capabilities: undefined,
    });
    expect(hash.toString('hex')).toBe(
      'ac010fe5ce49d25d150e52b0a78a30672885fc1c13b945b68ad3fc68d3ae566e',
    );
  });
});

describe('request hash: what does not count', () => {
  test('the clock and the chain', () => {
    const later = { nowNs: NOW_NS + 5_000_000_000n, chain: { l1Block: 21_000_005n } };
    expect(hashOf(makeRequest(), later)).toBe(hashOf(makeRequest()));
  });

  test('the order of a map, which Go varies', () => {
    const forth = makeRequest({ capabilities: Buffer.concat([entry(1), entry(2)]) });
    const back = makeRequest({ capabilities: Buffer.concat([entry(2), entry(1)]) });
    expect(hashOf(forth)).toBe(hashOf(back));
  });

  test('the order of protobuf fields', () => {
    const info = makeInfo();
    const message = Buffer.concat([Buffer.from([0x4a, 0]), info]);
    expect(hashOf(makeRequest({ orchestrator: message }))).toBe(hashOf(makeRequest()));
  });
});

describe('request hash: what counts', () => {
  const maxPrice = { price: '1', currency: 'wei', unit: '720p-pixel-seconds' };
  const requests: Record<string, Request> = {
    plain: makeRequest(),
    type: makeRequest({ type: 'live' }),
    app: makeRequest({ app: 'a' }),
    manifest: makeRequest({ manifestId: 'a' }),
    inPixels: makeRequest({ inPixels: 1n }),
    maxPrice: makeRequest({ maxPrice }),
    'maxPrice, written otherwise': makeRequest({ maxPrice: { ...maxPrice, price: '1.0' } }),
    capabilities: makeRequest({ capabilities: entry(1) }),
    address: makeRequest({ orchestrator: makeInfo({ address: Buffer.alloc(20, 5) }) }),
    randHash: makeRequest({ orchestrator: makeInfo({ randHash: Buffer.alloc(32, 5) }) }),
    faceValue: makeRequest({ orchestrator: makeInfo({ faceValueWei: 10n ** 17n + 1n }) }),
    winProb: makeRequest({ orchestrator: makeInfo({ winProb: 1n << 230n }) }),
    expiration: makeRequest({ orchestrator: makeInfo({ expirationBlock: 21_000_041n }) }),
    round: makeRequest({ orchestrator: makeInfo({ creationRound: 3456n }) }),
    blockHash: makeRequest({ orchestrator: makeInfo({ creationBlockHash: Buffer.alloc(32, 6) }) }),
    price: makeRequest({ orchestrator: makeInfo({ pricePerUnit: 2n }) }),
    constraint: makeRequest({ orchestrator: makeInfo({ constraint: 'other' }) }),
    token: makeRequest({ orchestrator: makeInfo({ tokenExpirationSec: 1_893_456_000n }) }),
    state: makeStateful(),
    'another state': makeStateful({ senderNonce: 2 }),
  };

  test('every part of the meaning gives another hash', () => {
    const hashes = Object.values(requests).map((request) => hashOf(request));
    expect(new Set(hashes).size).toBe(Object.keys(requests).length);
  });

  test('the subject', () => {
    const other = hashOf(makeRequest(), { authId: 'app_1:usr_2' });
    expect(other).not.toBe(hashOf(makeRequest()));
  });

  test('text does not move from one part to the next', () => {
    const first = makeRequest({ app: 'ab', manifestId: 'c' });
    const second = makeRequest({ app: 'a', manifestId: 'bc' });
    expect(hashOf(first)).not.toBe(hashOf(second));
  });

  test('nor with zeros that look like a length', () => {
    const { info } = planned(makeRequest()).opened;
    const hashes = [
      { app: '\0\0\0\0', manifestId: 'a' },
      { app: '', manifestId: '\0\0\0\0a' },
    ].map((texts) => {
      const request = makeRequest(texts);
      return requestHash({ authId: '', request, info, capabilities: undefined }).toString('hex');
    });
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  test('absent is not the same as empty', () => {
    const { info } = planned(makeRequest()).opened;
    const base = { authId: '', request: makeRequest(), info };
    const absent = requestHash({ ...base, capabilities: undefined });
    expect(requestHash({ ...base, capabilities: new Uint8Array(0) })).not.toEqual(absent);
  });
});

describe('ids of a first call', () => {
  const secret = Buffer.alloc(32, 1);
  const input = { authId: 'app_1:usr_1', requestHash: Buffer.alloc(32, 2) };
  const ids = deriveFirstIds(secret, input);

  test('the same for the same request, on every replica', () => {
    expect(deriveFirstIds(Buffer.alloc(32, 1), { ...input })).toEqual(ids);
    expect(ids.stateId).toMatch(/^[0-9a-f]{32}$/);
    expect(ids.manifestId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('others for another secret, subject or request, and for each of the two', () => {
    const all = [
      ids,
      deriveFirstIds(Buffer.alloc(32, 3), input),
      deriveFirstIds(secret, { ...input, authId: 'app_1:usr_2' }),
      deriveFirstIds(secret, { ...input, requestHash: Buffer.alloc(32, 4) }),
    ].flatMap(({ stateId, manifestId }) => [stateId, manifestId]);
    expect(new Set(all).size).toBe(8);
  });
});
