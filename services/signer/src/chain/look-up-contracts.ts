import { CONTRACT_IDS, readWords, SELECTORS, toWord, wordToAddress } from './abi.ts';
import type { Block } from './block.ts';
import type { CallContract } from './call-contract.ts';

/** Addresses of the contracts that the signer reads. */
export type Contracts = { readonly ticketBroker: string; readonly roundsManager: string };

/**
 * Asks the Controller for the contracts of the protocol.
 *
 * @throws Error when the address is no Controller, or it does not know them.
 */
export async function lookUpContracts(
  deps: { readonly call: CallContract; readonly controllerAddress: string },
  block: Block,
): Promise<Contracts> {
  const find = async (id: string) => {
    const data = `${SELECTORS.getContract}${toWord(id)}`;
    const result = await deps.call({ to: deps.controllerAddress, data }, block);
    return wordToAddress(readWords(result, 1)[0]);
  };
  const [ticketBroker, roundsManager] = await Promise.all([
    find(CONTRACT_IDS.ticketBroker),
    find(CONTRACT_IDS.roundsManager),
  ]);
  return { ticketBroker, roundsManager };
}
