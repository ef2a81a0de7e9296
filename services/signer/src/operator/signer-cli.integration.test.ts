import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestEvm, type TestEvm } from '@clearinghouse/testing';
import { encryptKeystoreJson, toBeHex } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SIGNER_KEY, SIGNER_WALLET } from '../testing/start-signer.ts';

const CLI = join(import.meta.dirname, '../signer-cli.ts');
const PASSWORD = 'password of this test';

let evm: TestEvm;
let env: Record<string, string>;
beforeAll(async () => {
  evm = await createTestEvm();
  await evm.call('anvil_setBalance', [SIGNER_WALLET.address, toBeHex(10n ** 19n)]);
  const folder = mkdtempSync(join(tmpdir(), 'signer-cli-'));
  const file = join(folder, 'keystore.json');
  const scrypt = { N: 2, r: 8, p: 1 };
  const json = await encryptKeystoreJson(SIGNER_WALLET, PASSWORD, { scrypt });
  writeFileSync(file, json, { mode: 0o600 });
  env = {
    PATH: process.env.PATH ?? '',
    ETH_RPC_URL: evm.rpcUrl,
    CONTROLLER_ADDRESS: evm.contracts.controller,
    CHAIN_ID: '31337',
    KEYSTORE_FILE: file,
    KEYSTORE_PASSWORD: PASSWORD,
    JOURNAL_DIR: folder,
    // A container sets all of a service's variables, empty ones too.
    ETH_RPC_URL_2: '',
    CHAIN_WATCH: '',
  };
});
afterAll(() => evm?.stop());

type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** Runs the command without a terminal. */
function cli(args: string, change: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const words = args.split(' ');
    execFile(process.execPath, [CLI, ...words], { env: { ...env, ...change } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

describe('signer funds, as a process', () => {
  test('shows, refuses without a yes, sends with one', async () => {
    const shown = await cli('funds show');
    expect(JSON.parse(shown.out)).toMatchObject({ depositWei: '0', payments: 'no_reserve' });

    const refused = await cli('funds deposit 1eth');
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/add to the deposit/);
    expect(JSON.parse(refused.err.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'not_confirmed' },
    });

    const sent = await cli('funds deposit 1eth --yes');
    expect(sent.code).toBe(0);
    expect(JSON.parse(sent.out)).toMatchObject({ attempts: 1, hash: expect.stringMatching(/^0x/) });
    const after = JSON.parse((await cli('funds show')).out);
    expect(after).toMatchObject({ depositWei: String(10n ** 18n) });
    const told = [shown, refused, sent].flatMap(({ out, err }) => [out, err]).join('');
    expect(told).not.toContain(SIGNER_KEY.slice(2));
    expect(told).not.toContain(PASSWORD);
  });

  test.each([
    ['yes', 'hash'],
    ['y', 'not_confirmed'],
  ])('asks at a terminal; %s is answered by %s', async (typed, told) => {
    const command = `${process.execPath} ${CLI} funds deposit 1wei`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: 'pipe' });
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const before = seen;
      seen += chunk.toString('utf8');
      const isAsked = seen.includes('yes/no: ') && !before.includes('yes/no: ');
      if (isAsked) child.stdin.write(`${typed}\r`);
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(seen).toMatch(/add to the deposit[\s\S]*Send it\?/);
    expect(seen).toContain(`"${told}"`);
  });

  test('shows another account without any key', async () => {
    const without = { KEYSTORE_FILE: '', KEYSTORE_PASSWORD: '' };
    const account = `0x${'ab'.repeat(20)}`;
    const shown = await cli(`funds show --account ${account}`, without);
    expect(JSON.parse(shown.out)).toMatchObject({ address: account });
    const missing = await cli('funds show', without);
    expect(missing.code).toBe(1);
    expect(missing.err).toMatch(/KEYSTORE_FILE/);
  });

  test('names what is missing, and says how it is used', async () => {
    expect(await cli('funds show', { ETH_RPC_URL: '' })).toMatchObject({ code: 1 });
    expect((await cli('funds')).err).toMatch(/funds withdraw/);
  });
});
