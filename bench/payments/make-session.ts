import { randomBytes } from 'node:crypto';
import { encodeOrchestratorInfo } from '@clearinghouse/gateway-double';

/** What one session sends: everything but the state stays the same. */
export type LoadSession = { readonly before: string; readonly after: string };

/** Tickets of 10^12 wei expected value; each payment's fee is a little below one ticket. */
const FACE_VALUE_WEI = 20_000_000_000_000n;
const WIN_PROB = ((1n << 256n) - 1n) / 20n;
const FEE_UNITS_PER_TICKET = 999_000_000_000n;
const DAY_SEC = 86_400;
const FAR_BLOCK = 1_000_000_000n;

/**
 * A session with a fresh recipientRand, so that its nonces start at 1.
 *
 * @param tickets how many each of its payments buys.
 */
export function makeSession(orchestrator: Uint8Array, tickets = 1): LoadSession {
  const info = encodeOrchestratorInfo({
    transcoder: 'https://orchestrator.example:8935',
    ticketParams: {
      recipient: orchestrator,
      faceValue: FACE_VALUE_WEI,
      winProb: WIN_PROB,
      recipientRandHash: randomBytes(32),
      seed: 1n,
      expirationBlock: FAR_BLOCK,
      expirationParams: { creationRound: 1n, creationRoundBlockHash: randomBytes(32) },
    },
    priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 1n },
    address: orchestrator,
    authToken: {
      token: randomBytes(32),
      sessionId: randomBytes(4).toString('hex'),
      expirationSec: BigInt(Math.floor(Date.now() / 1000) + DAY_SEC),
    },
  });
  const text = Buffer.from(info).toString('base64');
  const manifestId = randomBytes(8).toString('hex');
  return {
    before: '{"state":',
    after: `,"orchestrator":"${text}","ManifestID":"${manifestId}","inPixels":${FEE_UNITS_PER_TICKET * BigInt(tickets)},"type":"","capabilities":null}`,
  };
}
