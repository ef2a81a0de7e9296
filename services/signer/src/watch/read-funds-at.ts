import type { Address, SenderFundsWire } from '@clearinghouse/shared';
import { readWords, SELECTORS, toWord, wordToBigInt } from '../chain/abi.ts';
import type { Block } from '../chain/block.ts';
import { createContractCaller } from '../chain/call-contract.ts';
import type { CallRpc } from '../chain/call-rpc.ts';
import type { Contracts } from '../chain/look-up-contracts.ts';

/** Words of getSenderInfo: deposit, withdrawRound, fundsRemaining, claimedInCurrentRound. */
const SENDER_WORDS = 4;

/** Reads what accounts have in the contract at one block. */
export async function readFundsAt(
  rpc: CallRpc,
  contracts: Contracts,
  input: { readonly senders: readonly Address[]; readonly block: Block },
): Promise<SenderFundsWire[]> {
  const call = createContractCaller(rpc);
  const round = await call(
    { to: contracts.roundsManager, data: SELECTORS.lastInitializedRound },
    input.block,
  );
  const lastInitializedRound = wordToBigInt(readWords(round, 1)[0]).toString();
  return await Promise.all(
    input.senders.map(async (sender) => {
      const data = `${SELECTORS.getSenderInfo}${toWord(sender)}`;
      const words = readWords(
        await call({ to: contracts.ticketBroker, data }, input.block),
        SENDER_WORDS,
      );
      const [depositWei = '', withdrawRound = '', reserveWei = ''] = words.map((word) =>
        wordToBigInt(word).toString(),
      );
      return { sender, depositWei, reserveWei, withdrawRound, lastInitializedRound };
    }),
  );
}
