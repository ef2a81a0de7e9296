import { randomBytes } from 'node:crypto';
import { encodeOrchestratorInfo } from '@clearinghouse/gateway-double';
import type { Random } from './create-random.ts';
import type { SignedState } from './keep-answers.ts';

/** A session of a gateway with one orchestrator. */
export type DrillSession = {
  /** The body of the next payment, with a fee of its own. */
  readonly next: (state: SignedState | undefined) => string;
  /** Another payment from a state that was used already, with fresh ticket params. */
  readonly fork: (state: SignedState) => string;
};

/** Tickets of 10^12 wei expected value. */
const FACE_VALUE_WEI = 20_000_000_000_000n;
const WIN_PROB = ((1n << 256n) - 1n) / 20n;
/** One wei to 10^9 below the value of a ticket, so that charges have fractions of a micro-USD. */
const FEE_LEAST = 999_000_000_000;
const FEE_SPREAD = 999_999_999;
const DAY_SEC = 86_400;
const FAR_BLOCK = 1_000_000_000n;

/** Makes a session with an orchestrator and ticket params of its own. */
export function openSession(random: Random): DrillSession {
  const address = randomBytes(20);
  const info = makeInfo(address);
  const manifestId = randomBytes(8).toString('hex');
  const bodyOf = (state: SignedState | undefined, orchestrator: string) => {
    const units = FEE_LEAST + random.between(0, FEE_SPREAD);
    return (
      `{"state":${JSON.stringify(state ?? { State: null, Sig: null })},` +
      `"orchestrator":"${orchestrator}","ManifestID":"${manifestId}",` +
      `"inPixels":${units},"type":"","capabilities":null}`
    );
  };
  return {
    next: (state) => bodyOf(state, info),
    fork: (state) => bodyOf(state, makeInfo(address)),
  };
}

/** An OrchestratorInfo with a fresh recipientRand, so that nonces start at 1. */
function makeInfo(address: Uint8Array): string {
  const info = encodeOrchestratorInfo({
    transcoder: 'https://orchestrator.example:8935',
    ticketParams: {
      recipient: address,
      faceValue: FACE_VALUE_WEI,
      winProb: WIN_PROB,
      recipientRandHash: randomBytes(32),
      seed: 1n,
      expirationBlock: FAR_BLOCK,
      expirationParams: { creationRound: 1n, creationRoundBlockHash: randomBytes(32) },
    },
    priceInfo: { pricePerUnit: 1n, pixelsPerUnit: 1n },
    address,
    authToken: {
      token: randomBytes(32),
      sessionId: randomBytes(4).toString('hex'),
      expirationSec: BigInt(Math.floor(Date.now() / 1000) + DAY_SEC),
    },
  });
  return Buffer.from(info).toString('base64');
}
