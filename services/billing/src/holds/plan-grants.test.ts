import type { EthUsdE8, HoldItemWire } from '@clearinghouse/shared';
import { describe, expect, it } from 'vitest';
import { makeHoldItem } from '../testing/make-hold-item.ts';
import { TEST_POLICY } from '../testing/open-books.ts';
import type { HoldTerms } from './hold-terms.ts';
import { parseHoldItem } from './parse-hold-item.ts';
import { planGrants } from './plan-grants.ts';

// One USD per 10^12 wei: a fee of n x 10^6 wei costs n micro-USD.
const price = { fxId: 7n, priceE8: 100_000_000_000_000n as EthUsdE8 };
const terms: HoldTerms = {
  price,
  accounts: new Map([
    ['app_a', { accountId: 20n, markupBps: undefined }],
    ['app_b', { accountId: 3n, markupBps: 10_000 }],
  ]),
};
const plan = (items: readonly HoldItemWire[], known = terms) =>
  planGrants(
    items.map((raw) => {
      const item = parseHoldItem(raw);
      if (!item) throw new Error('the test made a bad item');
      return { replicaId: 'signer-a', item };
    }),
    known,
    TEST_POLICY,
  );

describe('a batch that is planned before anything is locked', () => {
  it('sums what it takes of each account, in the order of their locks', () => {
    const planned = plan([
      makeHoldItem({ appId: 'app_a', feeWei: 2_000_000n }),
      makeHoldItem({ appId: 'app_b', feeWei: 3_000_000n }),
      makeHoldItem({ appId: 'app_a', feeWei: 1n }),
    ]);
    expect(planned?.accounts).toEqual([
      { accountId: 3n, appId: 'app_b', markupBps: 10_000, takeMicros: 6n },
      { accountId: 20n, appId: 'app_a', markupBps: undefined, takeMicros: 3n },
    ]);
    expect(planned?.holds.map(({ price: { chargeHoldMicros } }) => chargeHoldMicros)).toEqual([
      2n,
      6n,
      1n,
    ]);
  });

  it('sums what it takes of each owner of caps, and the most that any order can reach', () => {
    const item = (keyId: string, ticketEvWei: bigint) =>
      makeHoldItem({ appId: 'app_a', keyId, feeWei: 2_000_000n, ticketEvWei });
    const planned = plan([item('k1', 5_000_000n), item('k2', 0n), item('k1', 2_000_000n)]);
    const sums = { chargeMicros: 2n, creditWei: -2_000_000n, peakWei: 0n };
    expect(planned?.owners).toEqual([
      {
        ...{ appId: 'app_a', scope: 'app', scopeId: 'app_a' },
        ...{ chargeMicros: 6n, creditWei: 1_000_000n, peakWei: 3_000_000n },
      },
      {
        ...{ appId: 'app_a', scope: 'key', scopeId: 'k1' },
        ...{ chargeMicros: 4n, creditWei: 3_000_000n, peakWei: 3_000_000n },
      },
      { appId: 'app_a', scope: 'key', scopeId: 'k2', ...sums },
    ]);
  });

  it('asks for every identity once in each app', () => {
    const shape = { appId: 'app_a', subject: 'usr_1', clientId: 'c', grantId: 'g', jti: 'j' };
    const planned = plan([makeHoldItem(shape), makeHoldItem({ ...shape, keyId: 'k' })]);
    expect(planned?.who.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'app app_a',
      'user usr_1',
      'client c',
      'grant g',
      'jti j',
      'key k',
    ]);
  });

  it.each([
    ['an app that is not known', [makeHoldItem({ appId: 'app_c' })]],
    ['a charge out of range', [makeHoldItem({ appId: 'app_a', feeWei: 2n ** 256n - 1n })]],
    ['two of one place', [0, 1].map(() => makeHoldItem({ appId: 'app_a', stateId: 's', seq: 4 }))],
    [
      'two under one nonce key',
      [1, 5].map((nonceFrom) =>
        makeHoldItem({ appId: 'app_a', recipientRandHash: 'a'.repeat(64), nonceFrom }),
      ),
    ],
  ])('is not planned with %s', (_name, items) => {
    expect(plan(items)).toBeUndefined();
    expect(plan([makeHoldItem({ appId: 'app_a' })])).toBeDefined();
  });

  it('is not planned without a price', () => {
    expect(
      plan([makeHoldItem({ appId: 'app_a' })], { ...terms, price: undefined }),
    ).toBeUndefined();
  });
});
