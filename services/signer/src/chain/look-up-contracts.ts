import type { Block } from './block.ts';
import type { CallContract } from './call-contract.ts';
import { findContract } from './find-contract.ts';

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
  const call = (to: string, data: string) => deps.call({ to, data }, block);
  const [ticketBroker, roundsManager] = await Promise.all([
    findContract(call, deps.controllerAddress, 'ticketBroker'),
    findContract(call, deps.controllerAddress, 'roundsManager'),
  ]);
  return { ticketBroker, roundsManager };
}
