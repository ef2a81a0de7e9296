import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { computeAddress, getAddress, hexlify, isKeystoreJson, Wallet } from 'ethers';
import type { OpenedKeystore } from '../keystore/json-keystore.ts';
import { askNewPassword, askSecret } from './private-files.ts';
import { type KeystoreCost, type WrittenKeystore, writeKeystore } from './write-keystore.ts';

export const KEYSTORE_USAGE = `keystore create          makes a new key
keystore import          takes one over: --from a V3 file or a file with 64 hex digits, or
                         64 hex digits that are asked for
keystore list            the accounts in --dir
keystore change-password of the account in --file
  --dir DIR              where keystores are (./keystore)
  --password-file FILE   instead of typing it; mode 600
  --new-password-file FILE`;

const HEX_KEY = /^(0x)?[0-9a-fA-F]{64}$/;
const OWNER_ONLY = 0o700;

const OPTIONS = {
  dir: { type: 'string', default: 'keystore' },
  from: { type: 'string' },
  file: { type: 'string' },
  'password-file': { type: 'string' },
  'new-password-file': { type: 'string' },
} as const;

type Settings = {
  readonly openKeystore: (json: string, password: string) => Promise<OpenedKeystore>;
  /** Cost of the scrypt of what is written; geth's unless told. */
  readonly cost?: KeystoreCost;
  readonly now?: Date;
};

/**
 * `signer keystore …`: makes, takes over, lists and re-encrypts V3 keystores. No key is ever
 * printed; passwords come from files that only their owner may read, or are typed.
 *
 * @throws Error with one line that says what is wrong.
 */
export async function runKeystore(args: readonly string[], settings: Settings): Promise<object> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [verb] = positionals;
  const passwordFile = values['password-file'];
  const write = (privateKey: string, password: string) =>
    save(values.dir, privateKey, password, settings);
  if (verb === 'list') return { accounts: listAccounts(values.dir) };
  if (verb === 'create') {
    const password = await askNewPassword(passwordFile);
    return write(Wallet.createRandom().privateKey, password);
  }
  if (verb === 'import') {
    const privateKey = await readForeignKey(settings, values.from, passwordFile);
    return write(privateKey, await askNewPassword(values['new-password-file'] ?? passwordFile));
  }
  if (verb === 'change-password' && values.file !== undefined) {
    const privateKey = await readForeignKey(settings, values.file, passwordFile);
    return write(privateKey, await askNewPassword(values['new-password-file']));
  }
  throw new Error(`usage:\n${KEYSTORE_USAGE}`);
}

async function save(
  folder: string,
  privateKey: string,
  password: string,
  settings: Settings,
): Promise<WrittenKeystore> {
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  const address = computeAddress(privateKey);
  const now = settings.now ?? new Date();
  return writeKeystore({ folder, privateKey, address, password, now, ...settings });
}

/** A key as it is elsewhere: a V3 keystore and its password, or hex digits. */
async function readForeignKey(
  { openKeystore }: Settings,
  path: string | undefined,
  passwordFile: string | undefined,
): Promise<string> {
  const text = (await askSecret(path, 'Private key, 64 hex digits: ')).trim();
  if (HEX_KEY.test(text)) return text.startsWith('0x') ? text : `0x${text}`;
  if (path === undefined) throw new Error('not a private key of 64 hex digits');
  const opened = await openKeystore(text, await askSecret(passwordFile, `Password of ${path}: `));
  if (opened.ok) return hexlify(opened.privateKey);
  const isPassword = opened.reason === 'wrong_password';
  throw new Error(isPassword ? `the password does not open ${path}` : `${path}: no key in it`);
}

function listAccounts(folder: string): WrittenKeystore[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const file = join(folder, name);
      const text = statSync(file).isFile() ? readFileSync(file, 'utf8') : '';
      if (!isKeystoreJson(text)) return [];
      return [{ address: getAddress(`0x${JSON.parse(text).address.replace(/^0x/, '')}`), file }];
    });
}
