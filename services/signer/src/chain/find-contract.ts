import { CONTRACT_IDS, readWords, SELECTORS, toWord, wordToAddress } from './abi.ts';

/** A contract that the Controller knows. */
export type ContractName = keyof typeof CONTRACT_IDS;

/**
 * Asks the Controller where one of its contracts is.
 *
 * @param call reads a contract, at whatever block the caller reads.
 * @throws Error when the address is no Controller, or it does not know the contract.
 */
export async function findContract(
  call: (to: string, data: string) => Promise<unknown>,
  controllerAddress: string,
  name: ContractName,
): Promise<string> {
  const data = `${SELECTORS.getContract}${toWord(CONTRACT_IDS[name])}`;
  return wordToAddress(readWords(await call(controllerAddress, data), 1)[0]);
}
