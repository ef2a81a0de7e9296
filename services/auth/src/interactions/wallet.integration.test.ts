import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../testing/browser.ts';
import { contractWalletCode } from '../testing/contract-wallet.ts';
import { allow, atLogin, type PeopleAuth, startPeopleAuth } from '../testing/people.ts';

const owner = new Wallet(`0x${'11'.repeat(32)}`);
const stranger = new Wallet(`0x${'22'.repeat(32)}`);

type Start = { readonly browser: Browser; readonly base: string; readonly csrf: string };

async function ask(at: Start, address: string, chainId = '1') {
  const { browser, base, csrf } = at;
  const answer = await browser.post(`${base}/wallet/message`, { csrf, address, chainId });
  return { answer, ...parse(answer.text) };
}

function parse(text: string): { nonce: string; message: string } {
  try {
    return JSON.parse(text);
  } catch {
    return { nonce: '', message: '' };
  }
}

describe('EIP-4361: signing in with an Ethereum wallet', () => {
  let auth: PeopleAuth;
  beforeAll(async () => {
    auth = await startPeopleAuth();
  });
  afterAll(() => auth.stop());

  const send = (at: Start, nonce: string, signature: string) =>
    at.browser.post(`${at.base}/wallet`, { csrf: at.csrf, nonce, signature });

  it('writes the message itself: domain, URI, chain, nonce and time are ours', async () => {
    const at = await atLogin(auth);
    const { message, nonce } = await ask(at, owner.address.toLowerCase(), '42161');
    const { host, origin } = new URL(auth.config.origin);
    const lines = message.split('\n');
    expect(lines[0]).toBe(`${host} wants you to sign in with your Ethereum account:`);
    expect(lines[1]).toBe(owner.address);
    expect(lines).toContain(`URI: ${origin}`);
    expect(lines).toContain('Version: 1');
    expect(lines).toContain('Chain ID: 42161');
    expect(lines).toContain(`Nonce: ${nonce}`);
    expect(nonce).toMatch(/^[A-Za-z0-9]{8,}$/);
    expect(message).toMatch(/\nIssued At: .*\nExpiration Time: .*$/);
  });

  it('makes one account for a key, the same on every chain', async () => {
    const ids = new Set<string>();
    for (const chainId of ['1', '42161']) {
      const at = await atLogin(auth);
      const { nonce, message } = await ask(at, owner.address, chainId);
      const next = await send(at, nonce, await owner.signMessage(message));
      expect((await allow(at.browser, next))?.searchParams.get('code')).toBeTruthy();
      const rows = await auth.deps.db<{ id: string; provider: string }[]>`
        select account_id as id, provider from auth.account_identities
        where subject = ${owner.address.toLowerCase()}`;
      for (const { id, provider } of rows) ids.add(`${id} ${provider}`);
    }
    expect([...ids]).toHaveLength(1);
    expect([...ids][0]).toMatch(/^acc_\w+ eip155$/);
  });

  it('a nonce is good once, in its own interaction, and gone after a wrong try', async () => {
    const at = await atLogin(auth);
    const other = await atLogin(auth);
    const { nonce, message } = await ask(at, owner.address);
    const signature = await owner.signMessage(message);
    expect((await send(other, nonce, signature)).status).toBe(401);
    expect((await send(at, nonce, await stranger.signMessage(message))).status).toBe(401);
    expect((await send(at, nonce, signature)).status).toBe(401);
    const again = await ask(at, owner.address);
    const good = await owner.signMessage(again.message);
    const answers = await Promise.all([1, 2].map(() => send(at, again.nonce, good)));
    expect(answers.filter(({ status, left }) => status === 200 || left)).toHaveLength(1);
  });

  it.each([
    ['another domain', (text: string) => text.replace(/^[^ ]+/, 'evil.example')],
    ['another URI', (text: string) => text.replace(/URI: .*/, 'URI: https://evil.example')],
    ['another chain', (text: string) => text.replace(/Chain ID: .*/, 'Chain ID: 5')],
    ['another nonce', (text: string) => text.replace(/Nonce: .*/, `Nonce: ${'a'.repeat(48)}`)],
    [
      'a later end',
      (text: string) => text.replace(/Expiration Time: ..../, 'Expiration Time: 2099'),
    ],
  ])('a signature over a message with %s is refused', async (_name, change) => {
    const at = await atLogin(auth);
    const { nonce, message } = await ask(at, owner.address);
    const answer = await send(at, nonce, await owner.signMessage(change(message)));
    expect(answer.status).toBe(401);
  });

  it.each(['', '0x', '0x00', `0x${'zz'.repeat(65)}`, `0x${'ff'.repeat(65)}`, 'x'.repeat(9_000)])(
    'refuses a signature that is none (%#)',
    async (signature) => {
      const at = await atLogin(auth);
      const { nonce } = await ask(at, owner.address);
      expect((await send(at, nonce, signature)).status).toBe(401);
    },
  );

  it.each([
    ['0x1234', '1'],
    [owner.address, '0'],
    [owner.address, '1e30'],
    [owner.address, 'x'],
    // EIP-55: mixed case with a wrong checksum is a typo.
    [owner.address.replace('a', 'A').replace('B', 'b'), '1.5'],
  ])('writes no message for %s on chain %s', async (address, chainId) => {
    const at = await atLogin(auth);
    expect((await ask(at, address, chainId)).answer.status).toBe(400);
  });

  it('without a chain to ask, the address of a contract is nobody', async () => {
    const at = await atLogin(auth);
    const { nonce, message } = await ask(at, `0x${'33'.repeat(20)}`);
    expect((await send(at, nonce, await owner.signMessage(message))).status).toBe(401);
  });
});

describe('SIGN_UP=closed and wallets', () => {
  it('a wallet that nobody knows makes no account', async () => {
    const auth = await startPeopleAuth({ SIGN_UP: 'closed' });
    try {
      const at = await atLogin(auth);
      const { nonce, message } = await ask(at, stranger.address);
      const signature = await stranger.signMessage(message);
      const form = { csrf: at.csrf, nonce, signature };
      expect((await at.browser.post(`${at.base}/wallet`, form)).status).toBe(403);
    } finally {
      await auth.stop();
    }
  });
});

describe('EIP-1271: contract wallets', () => {
  let evm: TestEvm;
  let auth: PeopleAuth;
  let contract = '';
  let chainId = '';
  beforeAll(async () => {
    evm = await createTestEvm();
    auth = await startPeopleAuth({ SIWE_RPC_URL: evm.rpcUrl });
    contract = `0x${'44'.repeat(20)}`;
    await evm.call('anvil_setCode', [contract, contractWalletCode(owner.address)]);
    chainId = String(Number(await evm.call('eth_chainId')));
  });
  afterAll(async () => {
    await auth.stop();
    await evm.stop();
  });

  const signAs = async (wallet: Wallet, chain: string) => {
    const at = await atLogin(auth);
    const { nonce, message } = await ask(at, contract, chain);
    const signature = await wallet.signMessage(message);
    const form = { csrf: at.csrf, nonce, signature };
    return { at, answer: await at.browser.post(`${at.base}/wallet`, form) };
  };

  it('the contract says whose signature is its own; it is a wallet of its chain', async () => {
    const { at, answer } = await signAs(owner, chainId);
    expect((await allow(at.browser, answer))?.searchParams.get('code')).toBeTruthy();
    const [row] = await auth.deps.db<{ provider: string }[]>`
      select provider from auth.account_identities where subject = ${contract}`;
    expect(row?.provider).toBe(`eip155:${chainId}`);
  });

  it('a signature that it does not take is refused', async () => {
    expect((await signAs(stranger, chainId)).answer.status).toBe(401);
  });

  it('on another chain it is not asked: another contract may stand there', async () => {
    expect((await signAs(owner, '1')).answer.status).toBe(401);
  });
});
