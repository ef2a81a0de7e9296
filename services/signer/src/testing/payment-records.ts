import { randomUUID } from 'node:crypto';
import type { HoldItemWire } from '@clearinghouse/shared';
import { encodeRecord, type JournalRecord } from '../journal/journal-record.ts';
import { describeHold } from '../payments/describe-hold.ts';
import { makeRequest, planned } from '../payments/fixtures/make-request.ts';

const PLAN = planned(makeRequest());

/** A hold item as it was asked for, made from a real plan. */
export function makeHoldItem(askNo: number): HoldItemWire {
  const principal = { appId: 'app_1', subject: 'app', attribution: 'gateway' } as const;
  return { ...describeHold(PLAN), askNo, principal };
}

/** A journal record of a payment; only its numbers and its hold id are its own. */
export function makeRecord(askNo: number, holdId: string = randomUUID()): JournalRecord {
  return {
    v: 1,
    holdId,
    forkNo: 0,
    replayed: false,
    ticketHashes: Buffer.alloc(32, 1).toString('base64'),
    ticketsHash: 'ab'.repeat(32),
    signedAtNs: '1775592000123456789',
    hold: makeHoldItem(askNo),
  };
}

/** The same as bytes. */
export function makePayload(askNo: number, holdId?: string): Buffer {
  return encodeRecord(makeRecord(askNo, holdId));
}
