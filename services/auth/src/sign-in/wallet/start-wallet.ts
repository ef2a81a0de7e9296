import { type Outcome, ok, refused, type Sql } from '@clearinghouse/shared';
import { getAddress, isAddress } from 'ethers';
import { CHALLENGE_TTL_SEC, insertChallenge, newChallengeId } from '../challenge-store.ts';
import { writeSignInMessage } from './sign-in-message.ts';

export type StartWalletDeps = {
  readonly db: Sql;
  readonly origin: string;
  readonly installationName: string;
  readonly nowMs: () => number;
};

/**
 * Writes the message that a wallet is to sign. Domain, URI, chain, nonce and time are this
 * service's; it is kept, and the signature must be over exactly it.
 *
 * @param input.holder the interaction or session that may answer.
 * @param input.purpose what the signature will do, in the words that the wallet shows.
 * @returns `invalid_request` for an address or chain that is none.
 */
export async function startWallet(
  deps: StartWalletDeps,
  input: { holder: string; address: string; chainId: number; purpose: 'sign-in' | 'link' },
): Promise<Outcome<{ nonce: string; message: string }, 'invalid_request'>> {
  const { holder, chainId, purpose } = input;
  if (!isAddress(input.address)) return refused('invalid_request', 'address');
  if (!Number.isSafeInteger(chainId) || chainId < 1) return refused('invalid_request', 'chain');
  const address = getAddress(input.address);
  const nonce = newChallengeId();
  const { host } = new URL(deps.origin);
  const doing = purpose === 'link' ? 'Add this wallet to your account at' : 'Sign in to';
  const issuedAtMs = deps.nowMs();
  const message = writeSignInMessage({
    domain: host,
    address,
    statement: `${doing} ${deps.installationName}. This costs nothing and moves nothing.`,
    uri: deps.origin,
    chainId,
    nonce,
    issuedAt: new Date(issuedAtMs),
    expiresAt: new Date(issuedAtMs + CHALLENGE_TTL_SEC * 1000),
  });
  const detail = { address, chainId, message };
  await insertChallenge(deps.db, { id: nonce, kind: 'wallet', holder, detail });
  return ok({ nonce, message });
}
