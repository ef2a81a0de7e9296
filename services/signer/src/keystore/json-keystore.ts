import { scrypt as nodeScrypt } from 'node:crypto';
import { decryptKeystoreJson, getBytes, isKeystoreJson, scrypt } from 'ethers';

/** Room for N = 2^18, r = 8 with something to spare. */
const SCRYPT_MEMORY_BYTES_MAX = 512 * 1024 * 1024;

export type OpenedKeystore =
  | { readonly ok: true; readonly privateKey: Uint8Array }
  | { readonly ok: false; readonly reason: 'not_a_keystore' | 'wrong_password' };

// Node's scrypt opens a geth keystore in half the time of ethers' own.
scrypt.register(deriveKey);

/**
 * Opens a geth V3 keystore (`aes-128-ctr`, scrypt or pbkdf2): `json` is the file's text. Done
 * once at the start; a standard file takes about half a second.
 */
export async function openKeystore(json: string, password: string): Promise<OpenedKeystore> {
  if (!isKeystoreJson(json)) return { ok: false, reason: 'not_a_keystore' };
  try {
    const account = await decryptKeystoreJson(json, password);
    return { ok: true, privateKey: getBytes(account.privateKey) };
  } catch (fault) {
    const isPassword = fault instanceof Error && /incorrect password/.test(fault.message);
    return { ok: false, reason: isPassword ? 'wrong_password' : 'not_a_keystore' };
  }
}

function deriveKey(
  password: Uint8Array,
  salt: Uint8Array,
  N: number,
  r: number,
  p: number,
  dkLen: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: SCRYPT_MEMORY_BYTES_MAX };
    nodeScrypt(password, salt, dkLen, options, (fault, key) => {
      if (fault === null) resolve(key);
      else reject(fault);
    });
  });
}
