import type { Address } from '@clearinghouse/shared';
import { readWords, SELECTORS, toWord, wordToBigInt } from '../chain/abi.ts';
import { type Block, parseBlock } from '../chain/block.ts';
import { createContractCaller } from '../chain/call-contract.ts';
import type { CallRpc } from '../chain/call-rpc.ts';
import { type ContractName, findContract } from '../chain/find-contract.ts';

/** What an account has in the TicketBroker, and what decides over it, all at one block. */
export type Funds = {
  readonly address: Address;
  readonly ticketBroker: Address;
  readonly block: Block;
  readonly walletWei: bigint;
  readonly depositWei: bigint;
  readonly reserveWei: bigint;
  /** Of the reserve, claimed in the current round. */
  readonly claimedWei: bigint;
  /** From this round on it can be withdrawn; 0: no unlock was requested. */
  readonly withdrawRound: bigint;
  readonly currentRound: bigint;
  /** Rounds between the request and the withdrawal. */
  readonly unlockPeriod: bigint;
  /** Active orchestrators at most: each may claim its part of the reserve in a round. */
  readonly poolSize: bigint;
};

/**
 * Reads the funds of an account.
 *
 * @throws Error when the node cannot be read, or the Controller does not know the contracts.
 */
export async function readFunds(
  rpc: CallRpc,
  input: { readonly controllerAddress: string; readonly address: Address },
): Promise<Funds> {
  const block = parseBlock(await rpc('eth_getBlockByNumber', ['latest', false]));
  const call = createContractCaller(rpc);
  const read = async (to: string, data: string, words = 1) =>
    readWords(await call({ to, data }, block), words);
  const find = async (name: ContractName) =>
    (await findContract(
      (to, data) => call({ to, data }, block),
      input.controllerAddress,
      name,
    )) as Address;
  const [ticketBroker, roundsManager, bondingManager] = await Promise.all([
    find('ticketBroker'),
    find('roundsManager'),
    find('bondingManager'),
  ]);
  const number = async (to: string, data: string) => wordToBigInt((await read(to, data))[0]);
  const [info, currentRound, unlockPeriod, poolSize, balance] = await Promise.all([
    read(ticketBroker, `${SELECTORS.getSenderInfo}${toWord(input.address)}`, 4),
    number(roundsManager, SELECTORS.currentRound),
    number(ticketBroker, SELECTORS.unlockPeriod),
    number(bondingManager, SELECTORS.getTranscoderPoolSize),
    rpc('eth_getBalance', [input.address, block.number]),
  ]);
  const [depositWei = 0n, withdrawRound = 0n, reserveWei = 0n, claimedWei = 0n] =
    info.map(wordToBigInt);
  return {
    address: input.address,
    ticketBroker,
    block,
    walletWei: parseQuantity(balance),
    depositWei,
    reserveWei,
    claimedWei,
    withdrawRound,
    currentRound,
    unlockPeriod,
    poolSize,
  };
}

/**
 * A number as JSON-RPC writes it.
 *
 * @throws Error for what is none.
 */
export function parseQuantity(raw: unknown): bigint {
  if (typeof raw !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(raw)) {
    throw new Error('the node answered no number');
  }
  return BigInt(raw);
}
