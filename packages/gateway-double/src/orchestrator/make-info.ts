import { fromBigEndian, toWord } from '../amounts/big-bytes.ts';
import { rational } from '../amounts/rational.ts';
import { keccakBytes } from '../crypto/recover-signer.ts';
import { LIMITS } from '../limits.ts';
import { auxDataOf } from '../tickets/ticket.ts';
import { encodeOrchestratorInfo } from '../wire/convert-orchestrator-info.ts';
import type { TicketParams } from '../wire/messages.ts';
import { makeAuthToken } from './auth-token.ts';
import type { ChainView } from './chain-view.ts';
import { chooseWinProb } from './choose-win-prob.ts';
import { deriveRecipientRand } from './derive-recipient-rand.ts';
import type { OrchestratorSession } from './terms.ts';

/** How old the info should look; for showing what a gateway does with an aged one. */
export type InfoAge = {
  /** Blocks for which the ticket params are still good; go-livepeer's 40 by default. */
  readonly paramsValidBlocks?: bigint;
  /** Seconds for which the auth token is still good; go-livepeer's 1,800 by default. */
  readonly authTokenTtlSec?: number;
};

type Deps = {
  readonly secret: Uint8Array;
  readonly address: Uint8Array;
  readonly serviceUrl: string;
  readonly chain: Pick<ChainView, 'lastSeenL1Block' | 'currentRound'>;
  readonly nowSec: () => number;
  readonly random: (bytes: number) => Uint8Array;
};

/** A fresh `net.OrchestratorInfo` for a session: new seed, new recipientRand, new auth token. */
export async function makeInfo(
  deps: Deps,
  session: OrchestratorSession,
  age: InfoAge = {},
): Promise<Uint8Array> {
  const ttlSec = age.authTokenTtlSec ?? LIMITS.authTokenTtlSec;
  return encodeOrchestratorInfo({
    transcoder: deps.serviceUrl,
    ticketParams: await makeTicketParams(deps, session, age),
    priceInfo: session.terms.price,
    address: deps.address,
    authToken: makeAuthToken({
      secret: deps.secret,
      sessionId: session.sessionId,
      expirationSec: BigInt(deps.nowSec() + ttlSec),
    }),
  });
}

async function makeTicketParams(
  deps: Deps,
  session: OrchestratorSession,
  age: InfoAge,
): Promise<TicketParams> {
  const [block, round] = await Promise.all([
    deps.chain.lastSeenL1Block(),
    deps.chain.currentRound(),
  ]);
  const { price, faceValueWei, evWei } = session.terms;
  const promise = {
    seed: fromBigEndian(deps.random(32)),
    faceValue: faceValueWei,
    winProb: chooseWinProb({ faceValueWei, evWei }),
    expirationBlock: block + (age.paramsValidBlocks ?? LIMITS.paramsValidBlocks),
  };
  const expirationParams = {
    creationRound: round.number,
    creationRoundBlockHash: round.blockHash,
  };
  const recipientRand = deriveRecipientRand({
    ...promise,
    secret: deps.secret,
    sender: session.sender,
    price: rational(price.pricePerUnit, price.pixelsPerUnit),
    auxData: auxDataOf(expirationParams),
  });
  return {
    ...promise,
    recipient: deps.address,
    recipientRandHash: keccakBytes(toWord(recipientRand)),
    expirationParams,
  };
}
