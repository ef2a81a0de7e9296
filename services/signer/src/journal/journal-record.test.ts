import { describe, expect, test } from 'vitest';
import { makeHoldItem, makePayload, makeRecord } from '../testing/payment-records.ts';
import { encodeRecord, readHoldItem, readSettlement } from './journal-record.ts';

const HOLD_ID = '018f0000-0000-7000-8000-000000000001';

describe('a journal record', () => {
  test('gives its settlement', () => {
    const { ticketsHash, signedAtNs, hold } = makeRecord(7, HOLD_ID);
    const { paymentHash } = hold.rebuild;
    expect(readSettlement(makePayload(7, HOLD_ID))).toEqual({
      askNo: 7,
      item: { holdId: HOLD_ID, ticketsHash, paymentHash, signedAtNs },
    });
  });

  test('gives its whole hold item, so that a lost hold can be made anew', () => {
    expect(readHoldItem(makePayload(7))).toEqual(makeHoldItem(7));
  });

  test.each<[string, object]>([
    ['no hold id', { holdId: undefined }],
    ['a hold id of another shape', { holdId: '1' }],
    ['a hash of another shape', { ticketsHash: 'AB'.repeat(32) }],
    ['a time that is no number', { signedAtNs: 'now' }],
    ['no hold', { hold: undefined }],
    ['a hold without its ask', { hold: { ...makeHoldItem(1), askNo: undefined } }],
  ])('with %s is none', (_name, change) => {
    const record = { ...makeRecord(1), ...change } as ReturnType<typeof makeRecord>;
    expect(readSettlement(encodeRecord(record))).toBeUndefined();
  });

  test.each(['', '{', 'null', '[]', '1'])('%s is none', (text) => {
    expect(readSettlement(Buffer.from(text))).toBeUndefined();
    expect(readHoldItem(Buffer.from(text))).toBeUndefined();
  });
});
