import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptKeystoreJson, Wallet } from 'ethers';
import { beforeEach, describe, expect, test } from 'vitest';
import vector from '../../vectors/keystore.json' with { type: 'json' };
import { openKeystore } from '../keystore/json-keystore.ts';
import { runKeystore } from './run-keystore.ts';
import type { WrittenKeystore } from './write-keystore.ts';

const FAST = { openKeystore, cost: { N: 2, r: 8, p: 1 } };
const PASSWORD = 'a password of twelve';
const OTHER = 'another password, longer';

describe('signer keystore', () => {
  let folder: string;
  let dir: string;
  let passwordFile: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keystore-cli-'));
    dir = join(folder, 'keystore');
    passwordFile = secret('password', PASSWORD);
  });

  const secret = (name: string, text: string, mode = 0o600) => {
    const path = join(folder, name);
    writeFileSync(path, `${text}\n`, { mode });
    chmodSync(path, mode);
    return path;
  };
  const run = (...args: string[]) =>
    runKeystore([...args, '--dir', dir], FAST) as Promise<WrittenKeystore>;
  const open = async ({ file }: WrittenKeystore, password: string) =>
    decryptKeystoreJson(readFileSync(file, 'utf8'), password);

  test('create: a V3 file that ethers opens, under geth’s name, for its owner alone', async () => {
    const made = await run('create', '--password-file', passwordFile);
    expect((await open(made, PASSWORD)).address).toBe(made.address);
    expect(made.file).toMatch(/UTC--\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{9}Z--[0-9a-f]{40}$/);
    expect(statSync(made.file).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(JSON.stringify(made)).not.toContain((await open(made, PASSWORD)).privateKey.slice(2));
  });

  test('import: hex digits, with and without 0x', async () => {
    const wallet = Wallet.createRandom();
    for (const text of [wallet.privateKey, wallet.privateKey.slice(2)]) {
      const from = secret('key', text);
      const made = await run('import', '--from', from, '--password-file', passwordFile);
      expect(made.address).toBe(wallet.address);
      expect((await open(made, PASSWORD)).privateKey).toBe(wallet.privateKey);
    }
  });

  test('import: a V3 file of geth, under a new password', async () => {
    const wallet = Wallet.createRandom();
    const first = await run(
      'import',
      '--from',
      secret('key', wallet.privateKey),
      '--password-file',
      passwordFile,
    );
    const made = (await runKeystore(
      ['import', '--from', first.file, '--password-file', passwordFile]
        .concat('--new-password-file', secret('other', OTHER))
        .concat('--dir', join(folder, 'second')),
      FAST,
    )) as WrittenKeystore;
    expect((await open(made, OTHER)).privateKey).toBe(wallet.privateKey);
  });

  test('change-password: the same account, the new password only', async () => {
    const made = await run('create', '--password-file', passwordFile);
    const args = ['change-password', '--file', made.file, '--password-file', passwordFile];
    const changed = await run(...args, '--new-password-file', secret('other', OTHER));
    expect(changed.address).toBe(made.address);
    expect((await open(changed, OTHER)).address).toBe(made.address);
    await expect(open(changed, PASSWORD)).rejects.toThrow();
  });

  test('list: addresses, and nothing else', async () => {
    const made = await run('create', '--password-file', passwordFile);
    expect(await run('list')).toEqual({ accounts: [made] });
    expect(await runKeystore(['list', '--dir', join(folder, 'nowhere')], FAST)).toEqual({
      accounts: [],
    });
  });

  test.each([0o644, 0o640, 0o604])(
    'refuses a password or key that others may read (%o)',
    async (mode) => {
      const open = secret('open', PASSWORD, mode);
      await expect(run('create', '--password-file', open)).rejects.toThrow(/chmod 600/);
      const key = secret('key', Wallet.createRandom().privateKey, mode);
      const args = ['import', '--from', key, '--password-file', passwordFile];
      await expect(run(...args)).rejects.toThrow(/chmod 600/);
    },
  );

  test('refuses a short password, a wrong one, and what is no key', async () => {
    const short = secret('short', 'eleven char');
    await expect(run('create', '--password-file', short)).rejects.toThrow(/12 to 1024/);
    const file = secret('v3', JSON.stringify(vector.generated.json));
    const wrong = ['import', '--from', file, '--password-file', passwordFile];
    await expect(run(...wrong)).rejects.toThrow(/does not open/);
    const none = ['import', '--from', secret('none', 'hello'), '--password-file', passwordFile];
    await expect(run(...none)).rejects.toThrow(/no key/);
  });

  test('takes no password from the command line', async () => {
    await expect(run('create', '--password', PASSWORD)).rejects.toThrow();
    await expect(run('create', PASSWORD)).rejects.toThrow(/terminal/);
  });
});
