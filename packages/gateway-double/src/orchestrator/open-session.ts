import { getAddress } from 'ethers';
import { fromHex, toHex } from '../amounts/big-bytes.ts';
import { recoverGatewaySigner } from '../crypto/recover-signer.ts';
import type { OrchestratorSession, SessionTerms } from './terms.ts';

/** What `/sign-orchestrator-info` answers: an address and its signature over itself. */
export type SenderProof = { readonly address: string; readonly signature: string };

const SESSION_ID_BYTES = 4;

/**
 * Opens a session for a sender who proves its address.
 *
 * @returns `undefined` when the proof does not hold.
 */
export function openSession(
  deps: {
    readonly sessions: Map<string, OrchestratorSession>;
    readonly random: (bytes: number) => Uint8Array;
  },
  proof: SenderProof,
  terms: SessionTerms,
): OrchestratorSession | undefined {
  if (!isProven(proof)) return undefined;
  const session: OrchestratorSession = {
    sessionId: toHex(deps.random(SESSION_ID_BYTES)).slice(2),
    sender: fromHex(proof.address.toLowerCase()),
    terms,
  };
  deps.sessions.set(session.sessionId, session);
  return session;
}

/** The signature must cover the checksummed address: the lower-case text proves nothing. */
function isProven(proof: SenderProof): boolean {
  const shown = Buffer.from(getAddress(proof.address), 'ascii');
  return recoverGatewaySigner(shown, fromHex(proof.signature)) === proof.address.toLowerCase();
}
