import { Contract, type ContractRunner } from 'ethers';
import { BROKER_ABI } from './broker-abi.ts';

/** What the TicketBroker holds for a sender, in wei. */
export type SenderFunds = {
  readonly depositWei: bigint;
  readonly reserveWei: bigint;
  readonly withdrawRound: bigint;
};

/** Reads a sender's deposit and reserve. */
export async function readSender(
  deps: { readonly runner: ContractRunner; readonly ticketBroker: string },
  sender: string,
): Promise<SenderFunds> {
  const broker = new Contract(deps.ticketBroker, BROKER_ABI, deps.runner);
  const [held, reserve] = (await broker.getFunction('getSenderInfo')(sender)) as [
    { deposit: bigint; withdrawRound: bigint },
    { fundsRemaining: bigint },
  ];
  return {
    depositWei: held.deposit,
    reserveWei: reserve.fundsRemaining,
    withdrawRound: held.withdrawRound,
  };
}
