import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLog } from '@clearinghouse/shared';
import { Wallet } from 'ethers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeCustody } from '../keystore/custody.ts';
import { makeState } from '../payments/fixtures/make-request.ts';
import { encodeState } from '../sessions/encode-state.ts';
import { startWeb3SignerDouble, type Web3SignerDouble } from '../testing/web3signer-double.ts';
import type { TicketBatch } from '../tickets/ticket.ts';
import type { Account, Custody } from './account.ts';
import { CustodyFault } from './custody-fault.ts';
import { openWeb3SignerCustody } from './open-web3signer-custody.ts';

const KEY = `0x${'11'.repeat(32)}`;
const OTHER_KEY = `0x${'12'.repeat(32)}`;
const LOCAL = takeCustody(Buffer.alloc(32, 0x11));
const OTHER = new Wallet(OTHER_KEY).address.toLowerCase();
const BATCH: TicketBatch = {
  recipient: Buffer.alloc(20, 1),
  faceValueWei: 10n ** 18n,
  winProb: 1n << 200n,
  recipientRandHash: Buffer.alloc(32, 2),
  creationRound: 3456n,
  creationBlockHash: Buffer.alloc(32, 3),
  nonceFrom: 7,
  count: 5,
};
const STATE = encodeState(makeState());

let double: Web3SignerDouble;
let custody: Custody | undefined;
let alarms: string[];

const log = createLog({ service: 'test', level: 'silent' });
log.error = ((fields: { alarm?: string }) => void alarms.push(fields.alarm ?? '')) as never;

beforeEach(async () => {
  alarms = [];
  custody = undefined;
  double = await startWeb3SignerDouble([KEY, OTHER_KEY]);
});
afterEach(async () => {
  custody?.close();
  await double.stop();
});

async function open(change: { url?: string; active?: string; others?: string[] } = {}) {
  custody = await openWeb3SignerCustody(
    { log },
    {
      url: change.url ?? `${double.url}/`,
      timeoutMs: 150,
      activeAddress: change.active ?? LOCAL.address,
      otherAddresses: change.others ?? [],
    },
  );
  return custody.accounts[0];
}

function from(mode: Web3SignerDouble['rules']['mode'], times = Number.POSITIVE_INFINITY) {
  Object.assign(double.rules, { mode, times });
}

describe('Web3Signer, eth1: what it signs is what a key in this process signs', () => {
  test('tickets, with their hashes', async () => {
    expect(await (await open()).signTickets(BATCH)).toEqual(LOCAL.signTickets(BATCH));
  });

  test('segment credentials, session states, the own address', async () => {
    const account = await open();
    expect(await account.signSegment('m1')).toEqual(Buffer.from(LOCAL.signSegment('m1')));
    const signature = await account.signState(STATE);
    expect(signature).toEqual(Buffer.from(LOCAL.signState(STATE)));
    expect(account.verifyState(STATE, signature)).toBe(true);
    expect(account.verifyState(encodeState(makeState({ balance: '1' })), signature)).toBe(false);
    expect(await account.signOrchestratorInfo()).toEqual(LOCAL.signOrchestratorInfo());
    expect(account.checksumAddress).toBe(LOCAL.checksumAddress);
  });

  test('it is sent whole EIP-191 messages, one request a signature', async () => {
    const account = await open();
    double.asked.length = 0;
    await account.signTickets(BATCH);
    const prefix = Buffer.from('\x19Ethereum Signed Message:\n32').toString('hex');
    expect(double.asked).toHaveLength(BATCH.count);
    for (const { data } of double.asked) {
      expect(data).toMatch(new RegExp(`^0x${prefix}[0-9a-f]{64}$`));
    }
  });

  test.each(['', 'a b', 'a'.repeat(65)])('ManifestID %j is not sent', async (manifestId) => {
    const account = await open();
    double.asked.length = 0;
    await expect(account.signSegment(manifestId)).rejects.toThrow(RangeError);
    await expect(account.signState(Buffer.alloc(32))).rejects.toThrow(RangeError);
    expect(double.asked).toEqual([]);
  });
});

describe('Web3Signer: an answer that is not our signature is an alarm and no signature', () => {
  test.each(['wrong_key', 'high_s', 'v_0_1', 'truncated'] as const)('%s', async (mode) => {
    const account = await open();
    from(mode);
    for (const sign of signersOf(account)) {
      await expect(sign()).rejects.toMatchObject({ reason: 'wrong_signature' });
    }
    expect(new Set(alarms)).toEqual(new Set(['custody_wrong_signature']));
  });

  test('one wrong signature of five is no payment', async () => {
    const account = await open();
    from('wrong_key', 1);
    await expect(account.signTickets(BATCH)).rejects.toThrow(CustodyFault);
  });
});

describe('Web3Signer: no answer is no signature', () => {
  test.each(['hang', 'status_500', 'broken_off', 'redirect', 'endless'] as const)(
    '%s',
    async (mode) => {
      const account = await open();
      from(mode);
      await expect(account.signState(STATE)).rejects.toMatchObject({ reason: 'unavailable' });
      expect(alarms).toEqual([]);
    },
  );

  test.each(['hang', 'status_500', 'broken_off'] as const)(
    '%s once is tried again, once',
    async (mode) => {
      const account = await open();
      from(mode, 1);
      double.asked.length = 0;
      expect(await account.signState(STATE)).toEqual(Buffer.from(LOCAL.signState(STATE)));
      expect(double.asked).toHaveLength(2);
      from(mode, 2);
      await expect(account.signState(STATE)).rejects.toThrow(CustodyFault);
    },
  );

  test('gone altogether; and its own words are not repeated', async () => {
    const account = await open();
    from('status_500');
    await expect(account.signState(STATE)).rejects.toThrow(/^Web3Signer: status 500$/);
    await double.stop();
    await expect(account.signState(STATE)).rejects.toMatchObject({ reason: 'unavailable' });
  });
});

describe('Web3Signer: at the start', () => {
  test('a vault that signs alike never twice is refused: replays would draw anew', async () => {
    from('random_nonce');
    await expect(open()).rejects.toThrow(/RFC 6979/);
  });

  test('an account that it has not is named', async () => {
    const missing = `0x${'99'.repeat(20)}`;
    await expect(open({ active: missing })).rejects.toThrow(missing);
    await expect(open({ others: [missing] })).rejects.toThrow(missing);
  });

  test('of its keys only those named are ours, the active one first', async () => {
    await open();
    expect(custody?.accounts.map(({ address }) => address)).toEqual([LOCAL.address]);
    custody?.close();
    await open({ active: OTHER, others: [LOCAL.address] });
    expect(custody?.accounts.map(({ address }) => address)).toEqual([OTHER, LOCAL.address]);
  });
});

describe('Web3Signer over TLS', () => {
  const pem = (name: string) =>
    readFileSync(join(import.meta.dirname, '../testing/tls', name), 'utf8');
  const client = { certificate: pem('client.pem'), key: pem('client.key') };
  const authority = pem('ca.pem');
  let secure: Web3SignerDouble;
  beforeEach(async () => {
    secure = await startWeb3SignerDouble([KEY], {
      cert: pem('server.pem'),
      key: pem('server.key'),
      ca: authority,
      requestCert: true,
      rejectUnauthorized: true,
    });
  });
  afterEach(() => secure.stop());

  const openWith = async (tls: object) => {
    const options = { url: secure.url, timeoutMs: 2_000, tls };
    custody = await openWeb3SignerCustody(
      { log },
      { ...options, activeAddress: LOCAL.address, otherAddresses: [] },
    );
    return custody.accounts[0];
  };

  test('with our certificate and its authority', async () => {
    const account = await openWith({ ...client, authority });
    expect(await account.signState(STATE)).toEqual(Buffer.from(LOCAL.signState(STATE)));
  });

  test('without our certificate it does not answer; without its authority it is not believed', async () => {
    await expect(openWith({ authority })).rejects.toMatchObject({ reason: 'unavailable' });
    await expect(openWith(client)).rejects.toMatchObject({ reason: 'unavailable' });
  });
});

function signersOf(account: Account): readonly (() => Promise<unknown>)[] {
  return [
    async () => account.signTickets(BATCH),
    async () => account.signSegment('m1'),
    async () => account.signState(STATE),
  ];
}
