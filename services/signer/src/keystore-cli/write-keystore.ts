import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encryptKeystoreJson, getAddress } from 'ethers';

/** geth's own cost, which its files have unless it was told otherwise. */
const SCRYPT = { N: 262_144, r: 8, p: 1 } as const;
const OWNER_ONLY = 0o600;

/** Cheaper for tests alone; what operators write has geth's cost. */
export type KeystoreCost = { readonly N: number; readonly r: number; readonly p: number };

export type WrittenKeystore = { readonly address: string; readonly file: string };

/**
 * Writes a V3 keystore that geth and ethers open, under geth's name for it, for its owner alone. It
 * is whole on the disk before it has that name.
 */
export async function writeKeystore(input: {
  readonly folder: string;
  readonly privateKey: string;
  readonly address: string;
  readonly password: string;
  readonly now: Date;
  readonly cost?: KeystoreCost;
}): Promise<WrittenKeystore> {
  const { folder, privateKey, password, now } = input;
  const address = getAddress(input.address);
  const scrypt = input.cost ?? SCRYPT;
  const json = await encryptKeystoreJson({ address, privateKey }, password, { scrypt });
  const time = now.toISOString().replaceAll(':', '-').replace('Z', '000000Z');
  const name = `UTC--${time}--${address.slice(2).toLowerCase()}`;
  const file = join(folder, name);
  const descriptor = openSync(`${file}.new`, 'wx', OWNER_ONLY);
  writeSync(descriptor, `${json}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.new`, file);
  return { address, file };
}
