import { constants } from 'node:fs';
import { access, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { probeDisk } from './journal/probe-disk.ts';
import type { Custody } from './keystore/custody.ts';
import { takeCustody } from './keystore/custody.ts';
import { openKeystore } from './keystore/json-keystore.ts';

const WORLD_BITS = 0o007;
const OWN_FOLDER = 0o700;

/**
 * Opens the keystore.
 *
 * @throws Error with one line that says how to mend it: a file that others may read, that cannot
 * be decrypted, or that is another account's.
 */
export async function openCustody(options: {
  readonly file: string;
  readonly password: string;
  readonly expectedAddress: string | undefined;
}): Promise<Custody> {
  const { file, expectedAddress } = options;
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new Error(`KEYSTORE_FILE: ${file} cannot be read`);
  if ((found.mode & WORLD_BITS) !== 0) {
    throw new Error(`KEYSTORE_FILE: anybody may read ${file}; run: chmod o-rwx ${file}`);
  }
  const opened = await openKeystore(await readFile(file, 'utf8'), options.password);
  if (!opened.ok) {
    throw new Error(
      opened.reason === 'wrong_password'
        ? 'KEYSTORE_PASSWORD: does not open KEYSTORE_FILE'
        : 'KEYSTORE_FILE: not a V3 keystore',
    );
  }
  const custody = takeCustody(opened.privateKey);
  opened.privateKey.fill(0);
  if (expectedAddress !== undefined && custody.address !== expectedAddress) {
    throw new Error(`KEYSTORE_FILE: is the account ${custody.address}, not ${expectedAddress}`);
  }
  return custody;
}

/**
 * Refuses the fallback curve, which is slow and leaks the key through its timing.
 *
 * @throws Error saying how to mend it.
 */
export function checkCurve(
  custody: Pick<Custody, 'implementation'>,
  options: { readonly allowsJsCurve: boolean },
): void {
  if (custody.implementation === 'native' || options.allowsJsCurve) return;
  throw new Error(
    'the native secp256k1 addon did not load: reinstall for this platform ' +
      '(DANGEROUSLY_ALLOW_JS_CURVE=1 only to try things out)',
  );
}

/**
 * The journal's folder exists, and takes data.
 *
 * @throws Error saying which folder does not.
 */
export async function checkJournalDir(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWN_FOLDER }).catch(() => undefined);
  const isOpen = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (isOpen && (await probeDisk(folder))) return;
  throw new Error(`JOURNAL_DIR: cannot write to ${folder} (in ${dirname(folder)})`);
}
