import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeState } from '../payments/fixtures/make-request.ts';
import { encodeState } from '../sessions/encode-state.ts';
import { openLocalCustody } from './open-local-custody.ts';

const FIRST = new Wallet(`0x${'11'.repeat(32)}`);
const SECOND = new Wallet(`0x${'12'.repeat(32)}`);
const lower = (wallet: Wallet) => wallet.address.toLowerCase();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'custody-'));
});

async function write(wallet: Wallet, password: string, into = folder): Promise<string> {
  mkdirSync(into, { recursive: true });
  const file = join(into, `UTC--${lower(wallet)}`);
  const cheap = { scrypt: { N: 2, r: 8, p: 1 } };
  writeFileSync(file, await encryptKeystoreJson(wallet, password, cheap), { mode: 0o600 });
  return file;
}

const open = (files: string[], activeAddress?: string, passwords = ['one', 'two']) =>
  openLocalCustody({ files, passwords, activeAddress });

describe('local custody: several keys, one of them active', () => {
  test('the only one is the active one', async () => {
    const custody = await open([await write(FIRST, 'one')]);
    expect(custody.accounts.map(({ checksumAddress }) => checksumAddress)).toEqual([FIRST.address]);
  });

  test('files and folders, each under one of the passwords; the named one first', async () => {
    const inFolder = join(folder, 'more');
    await write(SECOND, 'two', inFolder);
    const files = [await write(FIRST, 'one'), inFolder];
    const { accounts } = await open(files, lower(SECOND));
    expect(accounts.map(({ address }) => address)).toEqual([lower(SECOND), lower(FIRST)]);
  });

  test('several and none named, one that is not there, one that is there twice', async () => {
    const files = [await write(FIRST, 'one'), await write(SECOND, 'two')];
    await expect(open(files)).rejects.toThrow(/^SIGNER_ADDRESS: say which of 0x/);
    await expect(open(files, `0x${'99'.repeat(20)}`)).rejects.toThrow(/not 0x9999/);
    const again = await write(FIRST, 'two', join(folder, 'again'));
    await expect(open([...files, again], lower(FIRST))).rejects.toThrow(/twice/);
  });

  test('a wrong password, no keystore, nothing there, a folder with nothing in it', async () => {
    await expect(open([await write(FIRST, 'three')])).rejects.toThrow(/^KEYSTORE_PASSWORD: /);
    writeFileSync(join(folder, 'text'), 'hello', { mode: 0o600 });
    await expect(open([join(folder, 'text')])).rejects.toThrow(/not a V3 keystore/);
    await expect(open([join(folder, 'nowhere')])).rejects.toThrow(/cannot be read/);
    mkdirSync(join(folder, 'empty'));
    await expect(open([join(folder, 'empty')])).rejects.toThrow(/no keystore in it/);
  });

  test('a file that anybody may read', async () => {
    const file = await write(FIRST, 'one');
    chmodSync(file, 0o604);
    await expect(open([file])).rejects.toThrow(/chmod o-rwx/);
  });

  test('closed: no account signs any more', async () => {
    const files = [await write(FIRST, 'one'), await write(SECOND, 'two')];
    const custody = await open(files, lower(FIRST));
    const state = encodeState(makeState());
    for (const account of custody.accounts) await account.signState(state);
    custody.close();
    for (const account of custody.accounts) {
      expect(() => account.signState(state)).toThrow(/closed/);
    }
  });
});
