import type { ChainSnapshot } from '../payments/plan.ts';
import { readWords, SELECTORS, toWord, wordToBigInt } from './abi.ts';
import type { Block } from './block.ts';
import type { CallContract } from './call-contract.ts';
import type { Contracts } from './look-up-contracts.ts';

/** Words of getSenderInfo: deposit, withdrawRound, fundsRemaining, claimedInCurrentRound. */
const SENDER_WORDS = 4;

/** Reads at one block everything that a payment depends on. */
export async function readSnapshot(
  deps: { readonly call: CallContract; readonly senderAddress: string },
  contracts: Contracts,
  block: Block,
): Promise<ChainSnapshot> {
  const { ticketBroker, roundsManager } = contracts;
  const [roundResult, senderResult] = await Promise.all([
    deps.call({ to: roundsManager, data: SELECTORS.lastInitializedRound }, block),
    deps.call(
      { to: ticketBroker, data: `${SELECTORS.getSenderInfo}${toWord(deps.senderAddress)}` },
      block,
    ),
  ]);
  const lastInitializedRound = wordToBigInt(readWords(roundResult, 1)[0]);
  const hashResult = await deps.call(
    { to: roundsManager, data: `${SELECTORS.blockHashForRound}${toWord(lastInitializedRound)}` },
    block,
  );
  const [depositWei, withdrawRound, reserveFundsRemainingWei] = readWords(
    senderResult,
    SENDER_WORDS,
  ).map(wordToBigInt);
  return {
    l1Block: block.l1Block,
    lastInitializedRound,
    blockHashForRound: Buffer.from(readWords(hashResult, 1)[0] ?? '', 'hex'),
    sender: {
      depositWei: depositWei ?? 0n,
      withdrawRound: withdrawRound ?? 0n,
      reserveFundsRemainingWei: reserveFundsRemainingWei ?? 0n,
    },
  };
}
