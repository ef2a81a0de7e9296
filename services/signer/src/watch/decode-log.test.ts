import { describe, expect, it } from 'vitest';
import { keccak256 } from '../tickets/keccak.ts';
import { EVENT_TOPICS } from './broker-events.ts';
import { decodeLogs } from './decode-log.ts';

const SIGNATURES = {
  DepositFunded: 'DepositFunded(address,uint256)',
  ReserveFunded: 'ReserveFunded(address,uint256)',
  ReserveClaimed: 'ReserveClaimed(address,address,uint256)',
  WinningTicketTransfer: 'WinningTicketTransfer(address,address,uint256)',
  WinningTicketRedeemed:
    'WinningTicketRedeemed(address,address,uint256,uint256,uint256,uint256,bytes)',
  Withdrawal: 'Withdrawal(address,uint256,uint256)',
  Unlock: 'Unlock(address,uint256,uint256)',
  UnlockCancelled: 'UnlockCancelled(address)',
} as const;

const word = (value: number | string) =>
  (typeof value === 'number' ? value.toString(16) : value).padStart(64, '0');
const SENDER = '5e'.repeat(20);
const RECIPIENT = '0c'.repeat(20);
const log = (name: keyof typeof EVENT_TOPICS, data: string[], change: object = {}) => ({
  topics: [EVENT_TOPICS[name], `0x${word(SENDER)}`, `0x${word(RECIPIENT)}`],
  data: `0x${data.join('')}`,
  blockNumber: '0x10',
  blockHash: `0x${'AB'.repeat(32)}`,
  transactionHash: `0x${'cd'.repeat(32)}`,
  logIndex: '0x2',
  ...change,
});
const redemption = (aux: string[]) =>
  log('WinningTicketRedeemed', [word(9), word(8), word(7), word(6), ...aux]);
const AUX = [word(160), word(64), word(5), word('ef'.repeat(32))];

describe('topics', () => {
  it.each(Object.entries(SIGNATURES))('%s is the hash of its signature', (name, signature) => {
    const hash = Buffer.from(keccak256(Buffer.from(signature))).toString('hex');
    expect(EVENT_TOPICS[name as keyof typeof SIGNATURES]).toBe(`0x${hash}`);
  });
});

describe('logs are decoded', () => {
  it('a redemption, its recipientRand hashed, its round and block hash apart', () => {
    expect(decodeLogs([redemption(AUX)])).toEqual([
      {
        name: 'WinningTicketRedeemed',
        block: { number: 16, hash: 'ab'.repeat(32) },
        transactionHash: 'cd'.repeat(32),
        logIndex: 2,
        sender: `0x${SENDER}`,
        recipient: `0x${RECIPIENT}`,
        faceValueWei: '9',
        winProb: '8',
        senderNonce: '7',
        recipientRandHash: Buffer.from(keccak256(Buffer.from(word(6), 'hex'))).toString('hex'),
        creation: { round: '5', blockHash: 'ef'.repeat(32) },
      },
    ]);
  });

  it.each([
    ['none', [word(160), word(0)]],
    ['one word', [word(160), word(32), word(5)]],
    ['three words', [word(160), word(96), word(5), word(6), word(7)]],
    ['of another length', [word(160), word(63), word(5), word(6)]],
    ['elsewhere', [word(192), word(64), word(5), word(6)]],
  ])('with ticket data %s there is no round', (_what, aux) => {
    expect(decodeLogs([redemption(aux)])[0]).not.toHaveProperty('creation');
  });
});

describe('what is no log of ours is refused', () => {
  const unlock = (change: object) => [log('Unlock', [word(1), word(2)], change)];
  it.each<[string, unknown]>([
    ['no list', {}],
    ['no object', ['x']],
    ['removed meanwhile', unlock({ removed: true })],
    ['another event', unlock({ topics: [`0x${'11'.repeat(32)}`, `0x${word(SENDER)}`] })],
    ['no account', unlock({ topics: [EVENT_TOPICS.Unlock] })],
    ['half a byte', unlock({ data: '0x1' })],
    ['too little data', unlock({ data: `0x${word(1)}` })],
    ['a block number beyond any', unlock({ blockNumber: `0x${'f'.repeat(14)}` })],
    ['a pending block', unlock({ blockNumber: null })],
  ])('%s', (_what, raw) => {
    expect(() => decodeLogs(raw)).toThrow();
  });
});
