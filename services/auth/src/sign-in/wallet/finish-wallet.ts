import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { hashMessage, recoverAddress } from 'ethers';
import { takeChallenge } from '../challenge-store.ts';
import type { ProvenIdentity } from '../resolve-identity.ts';
import type { AskContract } from './ask-contract.ts';

const SIGNATURE = /^0x[0-9a-fA-F]{2,8192}$/;
/** EIP-191 with secp256k1: 65 bytes. */
const KEY_SIGNATURE = /^0x[0-9a-fA-F]{130}$/;

export type FinishWalletDeps = {
  readonly db: Sql;
  /** Asks a contract wallet (EIP-1271); absent where no chain can be asked. */
  readonly askContract: AskContract | undefined;
};

type Kept = { readonly address: string; readonly chainId: number; readonly message: string };

/**
 * Takes the nonce, whatever comes of it, and compares the signature with the message that was
 * written for it: by recovery of the key, else by asking the contract at the address.
 *
 * @returns the wallet. A key is the same person on every chain; a contract is one on its own
 * chain only, since another may stand at its address elsewhere. `sign_in_refused` else.
 */
export async function finishWallet(
  deps: FinishWalletDeps,
  input: { holder: string; nonce: string; signature: string },
): Promise<Outcome<ProvenIdentity, 'sign_in_refused'>> {
  const { holder, nonce, signature } = input;
  const kept = (await takeChallenge(deps.db, { id: nonce, kind: 'wallet', holder })) as
    | Kept
    | undefined;
  if (!kept) return refused('sign_in_refused', 'nonce');
  if (!SIGNATURE.test(signature)) return refused('sign_in_refused', 'form of the signature');
  const hash = hashMessage(kept.message);
  if (recovers(hash, signature, kept.address)) return ok(walletOf(kept, 'eip155'));
  const { address, chainId } = kept;
  const agrees = await deps.askContract?.({ address, chainId, hash, signature });
  if (!agrees) return refused('sign_in_refused', 'signature');
  return ok(walletOf(kept, `eip155:${chainId}`));
}

function recovers(hash: string, signature: string, address: string): boolean {
  if (!KEY_SIGNATURE.test(signature)) return false;
  try {
    return recoverAddress(hash, signature) === address;
  } catch {
    return false;
  }
}

function walletOf(kept: Kept, provider: string): ProvenIdentity {
  const { address } = kept;
  const subject = address.toLowerCase();
  return { kind: 'wallet', provider, subject, label: address, email: null, displayName: null };
}
