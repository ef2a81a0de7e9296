import { type Decrypted, decryptV3 } from './decrypt-v3.ts';

export type OpenedKeystore = Decrypted;

/**
 * Opens a geth V3 keystore (`aes-128-ctr`, scrypt or pbkdf2): `json` is the file's text. Done
 * once at the start; a standard file takes about half a second.
 */
export async function openKeystore(json: string, password: string): Promise<OpenedKeystore> {
  try {
    return await decryptV3(json, password);
  } catch {
    // Parameters that no scrypt can take.
    return { ok: false, reason: 'not_a_keystore' };
  }
}
