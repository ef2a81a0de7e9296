import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Custody } from '../custody/account.ts';
import { putActiveFirst } from '../custody/put-active-first.ts';
import type { TransactionTerms } from '../custody/transaction.ts';
import { type LocalAccount, takeCustody } from './custody.ts';
import { openKeystore } from './json-keystore.ts';

const WORLD_BITS = 0o007;

export type LocalCustodyOptions = {
  /** V3 files, and folders of them. */
  readonly files: readonly string[];
  /** Each file is opened by one of these. */
  readonly passwords: readonly string[];
  /** Whose sessions the new ones are; needed when there are several. */
  readonly activeAddress: string | undefined;
  /** Where transactions may go; absent: none is signed. */
  readonly transactions?: TransactionTerms;
};

/**
 * Opens the keystores of this process.
 *
 * @throws Error with one line that says how to mend it: a file that anybody may read, that no
 * password opens, or that is another account's.
 */
export async function openLocalCustody(options: LocalCustodyOptions): Promise<Custody> {
  const files = (await Promise.all(options.files.map(listFiles))).flat();
  const accounts: LocalAccount[] = [];
  const close = () => {
    for (const account of accounts) account.close();
  };
  try {
    for (const file of files) accounts.push(await openFile(file, options));
    return { accounts: putActiveFirst(accounts, options.activeAddress, 'KEYSTORE_FILE'), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new Error(`KEYSTORE_FILE: ${path} cannot be read`);
  if (!found.isDirectory()) return [path];
  const names = await readdir(path);
  const files = names.filter((name) => !name.startsWith('.')).sort();
  if (files.length === 0) throw new Error(`KEYSTORE_FILE: ${path} has no keystore in it`);
  return files.map((name) => join(path, name));
}

async function openFile(file: string, options: LocalCustodyOptions): Promise<LocalAccount> {
  const { passwords, transactions } = options;
  const { mode } = await stat(file);
  if ((mode & WORLD_BITS) !== 0) {
    throw new Error(`KEYSTORE_FILE: anybody may read ${file}; run: chmod o-rwx ${file}`);
  }
  const text = await readFile(file, 'utf8');
  for (const password of passwords) {
    const opened = await openKeystore(text, password);
    if (opened.ok) return takeCustody(opened.privateKey, transactions);
    if (opened.reason === 'not_a_keystore') {
      throw new Error(`KEYSTORE_FILE: ${file} is not a V3 keystore`);
    }
  }
  throw new Error(`KEYSTORE_PASSWORD: does not open ${file}`);
}
