import type { Address } from '@clearinghouse/shared';
import type { ChainSnapshot, SenderFunds } from '../payments/plan.ts';
import { readWords, SELECTORS, toWord, wordToBigInt } from './abi.ts';
import type { Block } from './block.ts';
import type { CallContract } from './call-contract.ts';
import type { Contracts } from './look-up-contracts.ts';

/** Words of getSenderInfo: deposit, withdrawRound, fundsRemaining, claimedInCurrentRound. */
const SENDER_WORDS = 4;

/** Reads at one block everything that a payment depends on. */
export async function readSnapshot(
  deps: {
    readonly call: CallContract;
    readonly senderAddress: string;
    readonly otherSenders?: readonly Address[];
  },
  contracts: Contracts,
  block: Block,
): Promise<ChainSnapshot> {
  const { ticketBroker, roundsManager } = contracts;
  const readFunds = async (address: string) => {
    const data = `${SELECTORS.getSenderInfo}${toWord(address)}`;
    return toFunds(await deps.call({ to: ticketBroker, data }, block));
  };
  const others = deps.otherSenders ?? [];
  const [roundResult, sender, ...otherFunds] = await Promise.all([
    deps.call({ to: roundsManager, data: SELECTORS.lastInitializedRound }, block),
    readFunds(deps.senderAddress),
    ...others.map(readFunds),
  ]);
  const lastInitializedRound = wordToBigInt(readWords(roundResult, 1)[0]);
  const hashResult = await deps.call(
    { to: roundsManager, data: `${SELECTORS.blockHashForRound}${toWord(lastInitializedRound)}` },
    block,
  );
  return {
    l1Block: block.l1Block,
    lastInitializedRound,
    blockHashForRound: Buffer.from(readWords(hashResult, 1)[0] ?? '', 'hex'),
    sender,
    ...(others.length === 0 ? {} : { otherSenders: fundsOf(others, otherFunds) }),
  };
}

function toFunds(result: unknown): SenderFunds {
  const [depositWei = 0n, withdrawRound = 0n, reserveFundsRemainingWei = 0n] = readWords(
    result,
    SENDER_WORDS,
  ).map(wordToBigInt);
  return { depositWei, withdrawRound, reserveFundsRemainingWei };
}

function fundsOf(
  addresses: readonly Address[],
  funds: readonly SenderFunds[],
): ReadonlyMap<Address, SenderFunds> {
  const pairs = addresses.map((address, index) => [address, funds[index]] as const);
  return new Map(pairs.filter((pair): pair is [Address, SenderFunds] => pair[1] !== undefined));
}
