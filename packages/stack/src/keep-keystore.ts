import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { writePrivate } from './keep-secrets.ts';

/** The development account whose deposit pays. */
export type DevKeystore = { readonly file: string; readonly address: string };

/** scrypt as geth uses it; the signer opens the file once per start. */
const SCRYPT_N = 262_144;

/** Opens the installation's keystore, or makes one (V3 JSON, mode 0600) at the first start. */
export async function keepKeystore(dataDir: string, password: string): Promise<DevKeystore> {
  const folder = join(dataDir, 'keystore');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'signer.json');
  if (!existsSync(file)) writePrivate(file, await makeKeystore(password));
  chmodSync(file, 0o600);
  const { address } = JSON.parse(readFileSync(file, 'utf8')) as { address: string };
  return { file, address: `0x${address.replace(/^0x/, '').toLowerCase()}` };
}

/** A fresh account as V3 keystore JSON. */
export async function makeKeystore(password: string): Promise<string> {
  const { address, privateKey } = Wallet.createRandom();
  return encryptKeystoreJson({ address, privateKey }, password, {
    scrypt: { N: SCRYPT_N, r: 8, p: 1 },
  });
}
