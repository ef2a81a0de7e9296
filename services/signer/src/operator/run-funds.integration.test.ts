import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, createLog, systemClock } from '@clearinghouse/shared';
import { createTestEvm, type TestEvm, waitFor } from '@clearinghouse/testing';
import { toBeHex } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRpc } from '../chain/call-rpc.ts';
import { joinNodes } from '../chain/fail-over.ts';
import { openWeb3SignerCustody } from '../custody/open-web3signer-custody.ts';
import { takeCustody } from '../keystore/custody.ts';
import { type NodeProxy, startNodeProxy } from '../testing/node-proxy.ts';
import { SIGNER_KEY, SIGNER_WALLET } from '../testing/start-signer.ts';
import { startWeb3SignerDouble } from '../testing/web3signer-double.ts';
import { type FundsDeps, runFunds } from './run-funds.ts';

const ETHER = 10n ** 18n;
const log = createLog({ service: 'test', level: 'silent' });
const address = SIGNER_WALLET.address.toLowerCase() as Address;

let evm: TestEvm;
let proxy: NodeProxy;
let folder: string;
let snapshot: unknown;
let asked: string[];
let said: string[];
beforeAll(async () => {
  evm = await createTestEvm();
  proxy = await startNodeProxy(evm.rpcUrl);
});
afterAll(async () => {
  await proxy?.stop();
  await evm?.stop();
});
beforeEach(async () => {
  snapshot = await evm.call('evm_snapshot');
  await evm.call('anvil_setBalance', [address, toBeHex(100n * ETHER)]);
  folder = mkdtempSync(join(tmpdir(), 'funds-'));
  asked = [];
  said = [];
  proxy.rule = () => undefined;
  proxy.calls.length = 0;
});
afterEach(async () => {
  await evm.call('evm_setAutomine', [true]);
  await evm.call('anvil_dropAllTransactions');
  await evm.call('evm_revert', [snapshot]);
});

function depsOf(change: Partial<FundsDeps> & { urls?: [string, ...string[]] } = {}): FundsDeps {
  const { urls = [evm.rpcUrl], ...rest } = change;
  const [first, ...others] = urls.map((url) => createRpc({ url, fetch }));
  if (!first) throw new Error('no node');
  const { monotonicMs } = systemClock;
  return {
    nodes: joinNodes({ monotonicMs, log }, { nodes: [first, ...others], chainId: 31_337n }),
    chain: {
      controllerAddress: evm.contracts.controller,
      ticketBroker: undefined,
      chainId: 31_337n,
    },
    bounds: { depositMultiplier: 1n, faceValueMaxWei: undefined },
    folder,
    monotonicMs,
    // Looks follow one another at once: nothing is waited for.
    sleep: () => sleep(5),
    say: (line) => void said.push(line),
    activeAddress: async () => address,
    openAccount: async (_address, terms) =>
      takeCustody(Buffer.from(SIGNER_KEY.slice(2), 'hex'), terms),
    confirm: async (shown) => {
      asked.push(shown);
      return true;
    },
    ...rest,
  };
}
const run = (line: string, change?: Parameters<typeof depsOf>[0]) =>
  runFunds(depsOf(change), line.split(' '));
const show = async () => {
  const shown = await run('show');
  if (!shown.ok) throw new Error(shown.code);
  return shown.value as Record<string, unknown>;
};
const codeOf = (outcome: Awaited<ReturnType<typeof run>>) => (outcome.ok ? 'ok' : outcome.code);
const nonce = async () => Number(await evm.call('eth_getTransactionCount', [address, 'latest']));
const records = () => readdirSync(folder);

describe('funds show', () => {
  test('deposit, reserve and what they cover', async () => {
    expect(await show()).toMatchObject({ depositWei: '0', payments: 'no_reserve' });
    await evm.fund(address, 10n, 50n);
    expect(await show()).toEqual({
      address,
      ticketBroker: evm.contracts.ticketBroker.toLowerCase(),
      block: expect.stringMatching(/^\d+$/),
      walletWei: String(100n * ETHER),
      depositWei: '10',
      reserveWei: '50',
      currentRound: '1',
      unlock: { state: 'locked' },
      maxFaceValueWei: '10',
      ticketsCoveredByDeposit: '1',
      reserveForOneWei: '10',
      payments: 'made',
    });
    const bounds = { depositMultiplier: 2n, faceValueMaxWei: 3n };
    const bounded = await run('show', { bounds });
    expect(bounded).toMatchObject({
      value: { maxFaceValueWei: '3', ticketsCoveredByDeposit: '3' },
    });
    expect(await run('show --face-value 4wei', { bounds })).toMatchObject({
      value: { ticketsCoveredByDeposit: '2' },
    });
  });
});

describe('funds are moved', () => {
  test('deposit, reserve, both, unlock, cancel, unlock, withdraw; each is shown first', async () => {
    expect(await run('deposit 2eth')).toMatchObject({ ok: true, value: { attempts: 1 } });
    expect(await run('reserve 1eth')).toMatchObject({ ok: true });
    expect(await run('fund 3gwei 4wei')).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({
      depositWei: String(2n * ETHER + 3_000_000_000n),
      reserveWei: String(ETHER + 4n),
    });
    expect(asked[0]).toMatch(/add to the deposit/);
    expect(asked[0]).toMatch(/2\.0 ETH/);
    expect(asked[0]).toContain(evm.contracts.ticketBroker.toLowerCase());
    expect(await run('unlock')).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({ unlock: { state: 'unlocking', withdrawRound: '3' } });
    expect(await run('cancel-unlock')).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({ unlock: { state: 'locked' } });
    await run('unlock');
    await evm.advanceRounds(2n);
    expect(await show()).toMatchObject({
      unlock: { state: 'withdrawable' },
      payments: 'unlocking',
    });
    const before = await evm.call('eth_getBalance', [address, 'latest']);
    expect(await run('withdraw')).toMatchObject({ ok: true });
    expect(BigInt(String(await evm.call('eth_getBalance', [address, 'latest'])))).toBeGreaterThan(
      BigInt(String(before)) + 2n * ETHER,
    );
    expect(await show()).toMatchObject({ depositWei: '0', reserveWei: '0' });
    expect(records()).toEqual([]);
  });

  test('by a key in a Web3Signer', async () => {
    const double = await startWeb3SignerDouble([SIGNER_KEY]);
    const outcome = await run('deposit 1eth', {
      openAccount: async (_address, transactions) => {
        const place = { url: double.url, timeoutMs: 2_000, activeAddress: address };
        const options = { ...place, otherAddresses: [], transactions };
        return (await openWeb3SignerCustody({ log }, options)).accounts[0];
      },
    });
    await double.stop();
    expect(outcome).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({ depositWei: String(ETHER) });
  });

  test('with --yes nobody is asked, and it is shown all the same', async () => {
    const confirm = async () => {
      throw new Error('asked');
    };
    expect(await run('deposit 1wei --yes', { confirm })).toMatchObject({ ok: true });
    expect(said.join('\n')).toMatch(/add to the deposit/);
  });
});

describe('refusals: nothing is signed', () => {
  const openAccount = async () => {
    throw new Error('the key was opened');
  };
  const refused = async (line: string, change: Parameters<typeof depsOf>[0] = {}) => {
    const before = await nonce();
    const code = codeOf(await run(line, { openAccount, ...change }));
    expect(await nonce()).toBe(before);
    expect(records()).toEqual([]);
    return code;
  };

  test.each([
    ['deposit 1', 'amount_invalid'],
    ['deposit 0eth', 'amount_invalid'],
    ['deposit -- -1eth', 'amount_invalid'],
    ['deposit 1.5wei', 'amount_invalid'],
    ['deposit 0.0000000000000000001eth', 'amount_invalid'],
    ['deposit 1e3wei', 'amount_invalid'],
    ['deposit', 'amount_invalid'],
    ['fund 1eth', 'amount_invalid'],
    ['unlock 1eth', 'amount_invalid'],
    ['unlock', 'nothing_held'],
    ['withdraw', 'nothing_held'],
    ['cancel-unlock', 'not_unlocking'],
    ['deposit 101eth', 'balance_too_low'],
    ['deposit 100eth', 'balance_too_low'],
    ['deposit 1eth --max-fee-gwei 0.0000001', 'fee_above_bound'],
    ['resume', 'nothing_pending'],
  ])('%s: %s', async (line, code) => {
    // All of it is not enough for the gas too; the node finds that out first.
    expect([code, ...(line.includes('100eth') ? ['would_revert'] : [])]).toContain(
      await refused(line),
    );
  });

  test('of an unlock under way', async () => {
    await evm.fund(address, 1n, 1n);
    await run('unlock');
    expect(await refused('unlock')).toBe('already_unlocking');
    expect(await refused('withdraw')).toBe('locked');
  });

  test('when nobody says yes', async () => {
    expect(await refused('deposit 1wei', { confirm: async () => false })).toBe('not_confirmed');
  });

  test('when the Controller names another contract than the settings', async () => {
    const chain = { ...depsOf().chain, ticketBroker: `0x${'11'.repeat(20)}` };
    expect(await refused('deposit 1wei', { chain })).toBe('wrong_contract');
  });

  test('what the contract would refuse, in its own words', async () => {
    proxy.rule = ({ method }) =>
      method === 'eth_estimateGas'
        ? {
            body: {
              error: {
                code: 3,
                message: 'reverted',
                data: `0x08c379a0${toBeHex(32, 32).slice(2)}${toBeHex(2, 32).slice(2)}6e6f${'00'.repeat(30)}`,
              },
            },
          }
        : undefined;
    const outcome = await run('deposit 1wei', { openAccount, urls: [proxy.url] });
    expect(outcome).toEqual({ ok: false, code: 'would_revert', message: 'no' });
  });

  test('a call that takes more gas than any should', async () => {
    proxy.rule = ({ method }) =>
      method === 'eth_estimateGas' ? { body: { result: '0xffffff' } } : undefined;
    expect(await refused('deposit 1wei', { urls: [proxy.url] })).toBe('gas_above_bound');
  });

  test('while a transaction waits that was sent elsewhere', async () => {
    await evm.call('evm_setAutomine', [false]);
    await evm.call('anvil_impersonateAccount', [address]);
    await evm.call('eth_sendTransaction', [{ from: address, to: address, value: '0x0' }]);
    expect(await refused('deposit 1wei')).toBe('transaction_pending');
  });

  test('another chain is a fault', async () => {
    const chain = { ...depsOf().chain, chainId: 1n };
    await expect(run('deposit 1wei', { chain })).rejects.toThrow(/chain 31337, not 1/);
  });

  test.each(['', 'move', 'deposit 1wei --wait-s x', 'deposit 1wei --account 0x12', 'show --all'])(
    'a line that cannot be read is a fault: %s',
    async (line) => {
      await expect(run(line, { openAccount })).rejects.toThrow();
    },
  );
});

describe('a transaction that is stuck', () => {
  const pool = async () => {
    const { pending } = (await evm.call('txpool_content')) as {
      pending: Record<string, Record<string, { hash: string; maxFeePerGas: string }>>;
    };
    const own = Object.entries(pending).find(([from]) => from.toLowerCase() === address);
    return Object.values(own?.[1] ?? {});
  };

  test('is sent again with the same nonce and higher fees, and counts once', async () => {
    await evm.call('evm_setAutomine', [false]);
    const before = await nonce();
    const running = run('deposit 5wei --yes --replace-after-s 0');
    await waitFor(async () => said.filter((line) => line.includes('again')).length >= 2, {
      what: 'two more attempts',
    });
    const waiting = await pool();
    expect(waiting).toHaveLength(1);
    await evm.mine();
    const outcome = await running;
    expect(outcome).toMatchObject({ ok: true });
    expect(await nonce()).toBe(before + 1);
    expect(await show()).toMatchObject({ depositWei: '5' });
    expect(records()).toEqual([]);
  });

  test('is not sent above the bound, and is gone on with later', async () => {
    await evm.call('evm_setAutomine', [false]);
    const running = run('deposit 5wei --yes --replace-after-s 0 --max-fee-gwei 4 --wait-s 1');
    expect(codeOf(await running)).toBe('not_mined');
    const [waiting] = await pool();
    expect(BigInt(waiting?.maxFeePerGas ?? '0')).toBeLessThanOrEqual(4_000_000_000n);
    expect(records()).toEqual([`TRANSACTION-${address}.json`]);
    expect(await show()).toHaveProperty('underWay');
    expect(codeOf(await run('unlock --yes'))).toBe('transaction_pending');
    const resumed = run('resume --yes');
    await evm.mine();
    expect(await resumed).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({ depositWei: '5' });
    expect(records()).toEqual([]);
  });

  test('killed after it was sent: resume finds it mined, and sends nothing', async () => {
    await evm.call('evm_setAutomine', [false]);
    expect(codeOf(await run('deposit 5wei --yes --wait-s 0'))).toBe('not_mined');
    await evm.mine();
    const before = await nonce();
    expect(await run('resume')).toMatchObject({ ok: true });
    expect(asked[0]).toMatch(/sent before as 0x/);
    expect(await nonce()).toBe(before);
    expect(await show()).toMatchObject({ depositWei: '5' });
  });

  test('whose nonce another transaction took is told, and forgotten', async () => {
    await evm.call('evm_setAutomine', [false]);
    expect(codeOf(await run('deposit 5wei --yes --wait-s 0'))).toBe('not_mined');
    await evm.call('anvil_dropAllTransactions');
    await evm.call('anvil_impersonateAccount', [address]);
    await evm.call('eth_sendTransaction', [{ from: address, to: address, value: '0x0' }]);
    await evm.mine();
    expect(codeOf(await run('resume --yes'))).toBe('displaced');
    expect(records()).toEqual([]);
    expect(await show()).toMatchObject({ depositWei: '0' });
  });

  test('a note that was tampered with leads nowhere else', async () => {
    await evm.call('evm_setAutomine', [false]);
    await run('deposit 5wei --yes --wait-s 0');
    const path = join(folder, records()[0] ?? '');
    const note = JSON.parse(readFileSync(path, 'utf8'));
    const tamper = (change: object) =>
      writeFileSync(
        path,
        JSON.stringify({ ...note, transaction: { ...note.transaction, ...change } }),
      );
    const openAccount = async () => {
      throw new Error('the key was opened');
    };
    tamper({ ticketBroker: `0x${'66'.repeat(20)}` });
    expect(codeOf(await run('resume --yes', { openAccount }))).toBe('wrong_contract');
    tamper({ maxFeeWei: String(ETHER) });
    expect(codeOf(await run('resume --yes', { openAccount }))).toBe('fee_above_bound');
    tamper({ gas: '100000000' });
    expect(codeOf(await run('resume --yes', { openAccount }))).toBe('gas_above_bound');
  });
});

describe('nodes', () => {
  test('the first is dead: the second takes it', async () => {
    const urls: [string, string] = ['http://127.0.0.1:9', evm.rpcUrl];
    expect(await run('deposit 1wei', { urls })).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({ depositWei: '1' });
  });

  test('all refuse it: nothing is under way', async () => {
    proxy.rule = ({ method }) =>
      method === 'eth_sendRawTransaction'
        ? { body: { error: { code: -32_000, message: 'no' } } }
        : undefined;
    expect(codeOf(await run('deposit 1wei', { urls: [proxy.url] }))).toBe('not_sent');
    expect(records()).toEqual([]);
  });

  test('the answer to the sending is lost: it is gone on with, and counts once', async () => {
    proxy.rule = ({ method, params }) => {
      if (method !== 'eth_sendRawTransaction') return undefined;
      void evm.call(method, params);
      return { status: 502, body: {} };
    };
    expect(codeOf(await run('deposit 7wei', { urls: [proxy.url] }))).toBe('not_sent');
    expect(records()).toHaveLength(1);
    expect(await run('resume --yes')).toMatchObject({ ok: true });
    expect(await show()).toMatchObject({ depositWei: '7' });
  });
});
