import { createLog } from '@clearinghouse/shared';
import { beforeEach, describe, expect, test } from 'vitest';
import { POLICY_LIMITS } from '../limits.ts';
import { knowRecipients } from './know-recipients.ts';
import type { LookUpRecipient, RecipientFacts } from './recipient.ts';

const MAX_AGE_MS = 3_600_000;
const THERE: RecipientFacts = { isRegistered: true, serviceUris: [] };
const ABSENT: RecipientFacts = { isRegistered: false, serviceUris: [] };

let nowMs: number;
let reads: string[];
let chain: () => Promise<RecipientFacts>;
let lookUp: LookUpRecipient;
beforeEach(() => {
  nowMs = 0;
  reads = [];
  chain = async () => THERE;
  lookUp = knowRecipients(
    {
      read: (address) => {
        reads.push(address);
        return chain();
      },
      monotonicMs: () => nowMs,
      log: createLog({ service: 'test', level: 'silent' }),
    },
    { maxAgeMs: MAX_AGE_MS },
  );
});
/** Lets reads that are under way end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('recipients as lately known', () => {
  test('the first payment asks the chain, the next do not wait', async () => {
    expect(await lookUp('a')).toEqual(THERE);
    expect(lookUp('a')).toEqual(THERE);
    expect(reads).toEqual(['a']);
  });

  test('asked at the same time is asked once', async () => {
    expect(await Promise.all([lookUp('a'), lookUp('a')])).toEqual([THERE, THERE]);
    expect(reads).toEqual(['a']);
  });

  test('refreshed behind a payment’s back, and believed meanwhile', async () => {
    await lookUp('a');
    nowMs += POLICY_LIMITS.recipientFreshMs + 1;
    chain = async () => ABSENT;
    expect(lookUp('a')).toEqual(THERE);
    await settle();
    expect(lookUp('a')).toEqual(ABSENT);
  });

  test('the chain away: believed until the age is reached, then unknown', async () => {
    await lookUp('a');
    chain = () => Promise.reject(new Error('away'));
    nowMs += MAX_AGE_MS;
    expect(lookUp('a')).toEqual(THERE);
    await settle();
    nowMs += 1;
    expect(await lookUp('a')).toBeUndefined();
    expect(await lookUp('b')).toBeUndefined();
    chain = async () => THERE;
    expect(await lookUp('a')).toEqual(THERE);
  });

  test('that somebody is not registered is not believed for long', async () => {
    chain = async () => ABSENT;
    await lookUp('a');
    nowMs += POLICY_LIMITS.recipientAbsentMs;
    expect(lookUp('a')).toEqual(ABSENT);
    nowMs += 1;
    chain = async () => THERE;
    expect(await lookUp('a')).toEqual(THERE);
  });

  test('strangers cannot ask the chain without end', async () => {
    let answer: (facts: RecipientFacts) => void = () => undefined;
    const waiting = new Promise<RecipientFacts>((resolve) => {
      answer = resolve;
    });
    chain = () => waiting;
    const most = POLICY_LIMITS.recipientReadsMax;
    const all = Array.from({ length: most + 1 }, (_, index) => lookUp(`r${index}`));
    expect(await all[most]).toBeUndefined();
    expect(reads).toHaveLength(most);
    answer(THERE);
    expect(await all[0]).toEqual(THERE);
  });
});
