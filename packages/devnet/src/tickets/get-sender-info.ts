import { Contract } from 'ethers';
import { withProvider } from '../chain/with-provider.ts';
import { readArtifact } from '../contracts/artifact.ts';

/** A sender's funds, as the TicketBroker has them. */
export type SenderInfo = {
  readonly depositWei: bigint;
  readonly withdrawRound: bigint;
  readonly reserveWei: bigint;
  readonly claimedInCurrentRoundWei: bigint;
};

type Answer = [
  { deposit: bigint; withdrawRound: bigint },
  { fundsRemaining: bigint; claimedInCurrentRound: bigint },
];

/** Reads what a sender has deposited and reserved. */
export function getSenderInfo(options: {
  rpcUrl: string;
  ticketBroker: string;
  senderAddress: string;
}): Promise<SenderInfo> {
  return withProvider(options.rpcUrl, async (provider) => {
    const broker = new Contract(options.ticketBroker, readArtifact('TicketBroker').abi, provider);
    const read = broker.getFunction('getSenderInfo');
    const [sender, reserve] = (await read(options.senderAddress)) as Answer;
    return {
      depositWei: sender.deposit,
      withdrawRound: sender.withdrawRound,
      reserveWei: reserve.fundsRemaining,
      claimedInCurrentRoundWei: reserve.claimedInCurrentRound,
    };
  });
}
